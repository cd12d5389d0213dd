/**
 * Returns python3's arguments to run a command in a terminal of so many columns, of which it is the foreground. Lines that
 * python3 reads go to that terminal; the line `close` closes it.
 */
export function inTerminal(columns: number, command: readonly string[]): string[] {
  return ['-c', programOf(columns), ...command]
}

function programOf(columns: number): string {
  return `
import fcntl, os, pty, select, struct, sys, termios
pid, terminal = pty.fork()
if pid == 0:
    fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 24, ${columns}, 0, 0))
    os.execvp(sys.argv[1], sys.argv[1:])
while True:
    for ready in select.select([0, terminal], [], [])[0]:
        try:
            data = os.read(ready, 65536)
        except OSError:
            data = b""
        if data == b"close\\n" and ready == 0:
            os.close(terminal)
            sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
        elif ready == 0 and data:
            os.write(terminal, data.rstrip(b"\\n"))
        elif ready != 0 and data:
            os.write(1, data)
        elif ready != 0:
            sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
`
}
