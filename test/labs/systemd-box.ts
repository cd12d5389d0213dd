/** A real systemd as PID 1 of its own namespaces, with this repository's program in it. See the script for how. */
import { execFile } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type JournalEntry, readJournal } from '#core/journal/journal.js'
import { ROOT } from '../support/e2e/root.js'
import { isAlive } from '../support/e2e/still-running.js'
import { until } from '../support/e2e/until.js'
import { removeFolder } from '../support/temp.js'

const SCRIPT = fileURLToPath(new URL('systemd-box', import.meta.url))
const COMMAND_MS = 90_000
const LONG_COMMAND_MS = 280_000

/** Where the box shows the folder that it shares with us. */
const SHARED = '/opt/box'
const BIN = `${SHARED}/catalyst/bin/run.js`

/**
 * Answers what a program asks in a terminal: each text once that is shown; null closes the terminal. What is shown is
 * printed.
 */
const TYPIST = `
import fcntl, json, os, pty, re, select, struct, sys, termios, time
answers = json.loads(sys.argv[1])
pid, terminal = pty.fork()
if pid == 0:
    os.execvp(sys.argv[2], sys.argv[2:])
fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 160, 0, 0))
shown = b""
late = time.monotonic() + float(os.environ.get("TYPIST_SECONDS", "60"))
while time.monotonic() < late:
    if select.select([terminal], [], [], 0.2)[0]:
        try:
            data = os.read(terminal, 65536)
        except OSError:
            break
        os.write(1, data)
        shown += data
    plain = re.sub(r"\\x1b\\[[0-9;?]*[A-Za-z]", "", shown.decode(errors="replace"))
    if answers and answers[0][0] in plain:
        typed = answers.pop(0)[1]
        if typed is None:
            os.close(terminal)
            break
        os.write(terminal, typed.encode())
        shown = b""
else:
    os.kill(pid, 9)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
`

export interface Result {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
  readonly output: string
}

export interface BoxOptions {
  /** `host`: what listens on loopback in the box and out here reach each other. */
  readonly network?: 'private' | 'host'
  /** Another root than this machine's; then the program isn't put into the box. */
  readonly root?: string
}

export class SystemdBox {
  readonly #network: 'private' | 'host'
  readonly #root: string
  readonly folder = fs.mkdtempSync(join(fs.realpathSync(os.tmpdir()), 'systemd-box-'))
  readonly #share = join(this.folder, 'share')

  constructor({ network = 'private', root = '/' }: BoxOptions = {}) {
    this.#network = network
    this.#root = root
  }

  /** Boots it, with the program and two users in it. */
  async start(): Promise<void> {
    fs.mkdirSync(join(this.#share, 'catalyst'), { recursive: true })
    fs.chmodSync(this.folder, 0o755)
    const parts = this.#root === '/' ? ['bin', 'dist', 'oclif.manifest.json', 'package.json'] : []
    for (const part of parts) fs.cpSync(join(ROOT, part), join(this.#share, 'catalyst', part), { recursive: true })
    await this.boot()
    // without this a user's manager outlives a logout for 10 s, linger or not
    await this.root(
      'mkdir -p /etc/systemd/logind.conf.d && printf "[Login]\\nUserStopDelaySec=0\\n" >/etc/systemd/logind.conf.d/lab.conf',
    )
    await this.root('systemctl restart systemd-logind; useradd -m -s /bin/bash alice; useradd -m -s /bin/bash bob')
  }

  async reboot(): Promise<void> {
    await this.#script(['stop'])
    await this.boot()
  }

  /** Takes its power away in the middle of whatever it does, at once, and boots it again; `whileOff` looks at its disk. */
  async powerCut(whileOff: () => void = () => {}): Promise<void> {
    const [outer, first] = ['unshare.pid', 'pid'].map((file) => Number(fs.readFileSync(join(this.folder, file))))
    process.kill(outer as number, 'SIGKILL')
    await until(() => !isAlive(outer as number) && !isAlive(first as number))
    whileOff()
    await this.reboot()
  }

  async stop(): Promise<void> {
    await this.#script(['stop'])
    removeFolder(this.folder)
  }

  private async boot(): Promise<void> {
    const { code, output } = await this.#script(['start'])
    if (code !== 0) throw new Error(`the box does not boot:\n${output}`)
  }

  /** When a process of the box began, in clock ticks since the machine's boot; undefined where it doesn't run (proc(5)). */
  startOf(pid: number): number | undefined {
    const first = fs.readFileSync(join(this.folder, 'pid'), 'utf8').trim()
    try {
      const stat = fs.readFileSync(`/proc/${first}/root/proc/${pid}/stat`, 'utf8')
      const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      return state === 'Z' || state === 'X' ? undefined : Number(fields[18])
    } catch {
      return undefined
    }
  }

  /** Puts a file of ours into the box, and returns its path there. */
  put(file: string): string {
    fs.copyFileSync(file, join(this.#share, basename(file)))
    return `${SHARED}/${basename(file)}`
  }

  /** Runs a program in the box, as root. */
  exec(...argv: readonly string[]): Promise<Result> {
    return this.#script(['exec', ...argv])
  }

  /** The same for what takes longer, as an upgrade of packages does on a busy machine. */
  execLong(...argv: readonly string[]): Promise<Result> {
    return this.#script(['exec', ...argv], LONG_COMMAND_MS)
  }

  /** Runs a script in the box, as root. @throws an Error when it fails */
  async root(script: string): Promise<string> {
    const { code, stdout, output } = await this.exec('bash', '-c', script)
    if (code !== 0) throw new Error(`${script}\nfailed with ${code}:\n${output}`)
    return stdout.trim()
  }

  /** Runs a program in a terminal in the box, as root, and answers what it asks; see {@link TYPIST}. */
  inTerminal(
    words: readonly string[],
    answers: readonly (readonly [string, string | null])[],
    seconds = 60,
  ): Promise<Result> {
    const typist = ['env', `TYPIST_SECONDS=${seconds}`, 'python3', '-c', TYPIST, JSON.stringify(answers), ...words]
    return this.#script(['exec', ...typist], (seconds + 30) * 1000)
  }

  /** A home in the box with these files, which belongs to a user. */
  async home(
    name: string,
    files: Readonly<Record<string, string>>,
    owner = 'alice',
    program: readonly string[] = ['node', BIN],
  ): Promise<BoxHome> {
    const home = new BoxHome(this, `${SHARED}/homes/${name}`, join(this.#share, 'homes', name), program)
    for (const [file, text] of Object.entries(files)) home.write(file, text)
    await this.exec('chown', '-R', `${owner}:`, home.inside)
    return home
  }

  /** The same on a small disk of its own, of so many MB. */
  async homeOnSmallDisk(name: string, files: Readonly<Record<string, string>>, owner: string, size: number) {
    const inside = `${SHARED}/homes/${name}`
    await this.root(`mkdir -p ${inside} && mount -t tmpfs -o size=${size}m tmpfs ${inside}`)
    const pid = fs.readFileSync(join(this.folder, 'pid'), 'utf8').trim() // only through it we see what is mounted there
    const home = new BoxHome(this, inside, `/proc/${pid}/root${inside}`)
    for (const [file, text] of Object.entries(files)) home.write(file, text)
    await this.exec('chown', '-R', `${owner}:`, inside)
    return home
  }

  #script(args: readonly string[], timeout = COMMAND_MS): Promise<Result> {
    return new Promise((resolve) => {
      const env = {
        ...process.env,
        BOX_DIR: this.folder,
        BOX_PERSIST: '1',
        BOX_NET: this.#network,
        BOX_ROOT: this.#root,
      }
      execFile(SCRIPT, args, { env, timeout, maxBuffer: 2 ** 26 }, (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1
        resolve({ code, stdout, stderr, output: stdout + stderr })
      })
    })
  }
}

/** A bot's folder in the box, seen from both sides. */
export class BoxHome {
  readonly #box: SystemdBox
  /** Its path in the box. */
  readonly inside: string
  /** Its path for us. */
  readonly outside: string
  /** The words of the command line before its arguments. */
  readonly #program: readonly string[]

  constructor(box: SystemdBox, inside: string, outside: string, program: readonly string[] = ['node', BIN]) {
    this.#box = box
    this.#program = program
    this.inside = inside
    this.outside = outside
  }

  write(file: string, text: string): void {
    const path = join(this.outside, file)
    fs.mkdirSync(dirname(path), { recursive: true })
    fs.writeFileSync(path, text)
  }

  read(file: string): string {
    const path = join(this.outside, file)
    return fs.existsSync(path) ? fs.readFileSync(path, 'utf8') : ''
  }

  /** Every file, with its owner's number, mode and size; without those that a running bot goes on writing. */
  files(): string[] {
    return fs
      .readdirSync(this.outside, { recursive: true, encoding: 'utf8' })
      .filter((path) => !/^(data|\.catalyst)(\/|$)/.test(path))
      .map((path) => {
        const { uid, mode, size } = fs.statSync(join(this.outside, path))
        return `${path} ${uid} ${mode.toString(8)} ${size}`
      })
      .sort()
  }

  /** The words of `catalyst …` for this home. */
  words(...args: readonly string[]): string[] {
    return [...this.#program, ...args, '--home', this.inside]
  }

  /** `catalyst …` for this home, as root. */
  catalyst(...args: readonly string[]): Promise<Result> {
    return this.#box.exec(...this.words(...args))
  }

  /** The same in a login of a user, which ends with the command. */
  catalystAs(user: string, ...args: readonly string[]): Promise<Result> {
    const words = this.words(...args)
    return this.#box.exec('su', '-', user, '-c', words.map((word) => `'${word}'`).join(' '))
  }

  journal(): readonly JournalEntry[] {
    return readJournal(join(this.outside, '.catalyst/journal.jsonl')).entries
  }

  kinds(): string[] {
    return this.journal().map(({ kind }) => kind)
  }

  /** The pid, in the box, of the bot that runs and answers; undefined while none does. */
  async pid(): Promise<number | undefined> {
    const { code, stdout } = await this.catalyst('health', 'check', '--json')
    return code === 0 || code === 1 ? JSON.parse(stdout).report.pid : undefined
  }
}
