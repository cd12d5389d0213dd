import { plainLine } from '#core/logging/plain.js'

/** Shows log lines on the screen, readable or as JSON. A closed terminal or pipe is no reason to end. */
export function logConsole(plain: boolean): (line: string) => void {
  const { stdout, stderr } = process
  for (const stream of [stdout, stderr]) stream.on('error', () => {})
  const colour = stdout.isTTY === true && !process.env.NO_COLOR
  return (line) => void stdout.write(plain ? `${plainLine(line, colour)}\n` : line)
}
