/** Wine with the genuine NSSM and Windows' node, and this repository's program in it. See the script for how. */
import { execFile } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ServiceStatus } from '#core/service/status/status.js'
import { Home } from '../support/e2e/home.js'
import { ROOT } from '../support/e2e/root.js'
import { until } from '../support/e2e/until.js'
import { removeFolder } from '../support/temp.js'

const SCRIPT = fileURLToPath(new URL('windows-box', import.meta.url))
const COMMAND_MS = 100_000
/** Less than half of what the tests give it: it may be begun once more. */
const BOOT_MS = 240_000
/** No test is longer. */
const LONGEST_MS = 20 * 60_000

const BIN = 'C:\\catalyst\\bin\\run.js'

export interface Result {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
  readonly output: string
}

export class WindowsBox {
  folder = ''
  /** The version of Windows' node; without it the box's own choice. */
  readonly #node: string | undefined

  constructor({ node }: { readonly node?: string } = {}) {
    this.#node = node
  }

  /** Its drive C:. */
  get drive(): string {
    return join(this.folder, 'prefix', 'drive_c')
  }

  /** Boots it, with the program in it. */
  async start(): Promise<void> {
    this.folder = fs.mkdtempSync(join(fs.realpathSync(os.tmpdir()), 'windows-box-'))
    const { code, output } = await this.#script(BOOT_MS, 'start')
    if (code !== 0) throw new Error(`the box does not boot:\n${output}`)
    for (const part of ['bin', 'dist', 'oclif.manifest.json', 'package.json'])
      fs.cpSync(join(ROOT, part), join(this.drive, 'catalyst', part), { recursive: true })
  }

  async reboot(): Promise<void> {
    await this.#script(COMMAND_MS, 'reboot')
  }

  async stop(): Promise<void> {
    await this.#script(COMMAND_MS, 'stop')
    removeFolder(this.folder)
  }

  node(...args: readonly string[]): Promise<Result> {
    return this.#script(COMMAND_MS, 'node', ...args)
  }

  nssm(...args: readonly string[]): Promise<Result> {
    return this.#script(COMMAND_MS, 'nssm', ...args)
  }

  wine(...args: readonly string[]): Promise<Result> {
    return this.#script(COMMAND_MS, 'wine', ...args)
  }

  /** Runs Windows' node once, for as long as it goes on: what is killed in its course is not begun anew. */
  begin(...args: readonly string[]): Promise<Result> {
    return this.#scriptOnce(LONGEST_MS, 'node', ...args)
  }

  /** Ends a process of the box at once, as a crash of node itself would; one that has just ended is fine. */
  async kill(pid: number): Promise<void> {
    const kill = `try { process.kill(${pid}, 'SIGKILL') } catch (error) { if (error.code !== 'ESRCH') throw error }`
    const { code, output } = await this.node('-e', kill)
    if (code !== 0) throw new Error(output)
  }

  /** The names of the services that NSSM keeps. */
  async services(): Promise<string[]> {
    const { stdout } = await this.nssm('list')
    return stdout.split('\n').filter((line) => line !== '')
  }

  /** Waits until NSSM keeps nothing any more: Windows only marks a service that somebody still looks at. */
  async emptied(why: string): Promise<void> {
    await until(async () => {
      const left = await this.services()
      if (left.length > 0) throw new Error(`${left} is left behind: ${why}`)
      return true
    })
  }

  /** A home on drive C: with these files. */
  home(name: string, files: Readonly<Record<string, string>>): WindowsHome {
    const home = new WindowsHome(this, name)
    for (const [file, text] of Object.entries(files)) home.write(file, text)
    return home
  }

  /** Whatever fails says why; what fails without a word never began, as happens now and then under Wine. */
  async #script(timeoutMs: number, ...args: readonly string[]): Promise<Result> {
    const result = await this.#scriptOnce(timeoutMs, ...args)
    return result.code !== 0 && result.output.trim() === '' ? this.#scriptOnce(timeoutMs, ...args) : result
  }

  #scriptOnce(timeoutMs: number, ...args: readonly string[]): Promise<Result> {
    return new Promise((resolve) => {
      const env = { ...process.env, BOX_DIR: this.folder, ...(this.#node !== undefined && { BOX_NODE: this.#node }) }
      execFile(SCRIPT, args, { env, timeout: timeoutMs, maxBuffer: 2 ** 26 }, (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1
        resolve({ code, stdout, stderr, output: stdout + stderr })
      })
    })
  }
}

/** A bot's folder in the box, seen from both sides: files and the endpoint from here, commands from there. */
export class WindowsHome extends Home {
  readonly #box: WindowsBox
  /** Its path in the box. */
  readonly inside: string

  constructor(box: WindowsBox, name: string) {
    super(join(box.drive, 'homes', name), () => {
      throw new Error('what runs for this home runs in the box')
    })
    this.#box = box
    this.inside = `C:\\homes\\${name}`
    fs.mkdirSync(dirname(this.path('.env')), { recursive: true })
  }

  /** `catalyst …` for this home. */
  command(...args: readonly string[]): Promise<Result> {
    return this.#box.node(BIN, ...args, '--home', this.inside)
  }

  /** The same for one that goes on until it is killed. */
  begin(...args: readonly string[]): Promise<Result> {
    return this.#box.begin(BIN, ...args, '--home', this.inside)
  }

  /** `catalyst service …` for this home. */
  service(...args: readonly string[]): Promise<Result> {
    return this.command('service', ...args)
  }

  /** `catalyst service status --json` of the bot. */
  async serviceStatus(): Promise<ServiceStatus> {
    const { stdout, output } = await this.service('status', 'bot', '--json')
    try {
      return JSON.parse(stdout).services[0]
    } catch {
      throw new Error(output)
    }
  }

  /** Waits until a bot answers that isn't the process `not`; the answer is its pid, in the box. */
  answers(options: { not?: number; ms?: number } = {}): Promise<number> {
    return until(async () => {
      const { pid } = await this.health()
      return pid !== options.not && pid
    }, options.ms ?? 40_000)
  }

  /** The files that the owner of the home has put there. */
  own(): string[] {
    return this.allFiles().filter((path) => !/^(data|\.catalyst)\//.test(path))
  }
}
