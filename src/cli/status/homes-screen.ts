import { widthOf } from '#cli/width.js'
import type { Overview } from '#core/condition/glance.js'
import { readOverview } from '#core/condition/overview.js'
import { messageOf } from '#core/errors.js'
import { Home } from '#core/home/home.js'
import { homePaths } from '#core/home/home-paths.js'
import type { Clock } from '#core/platform/clock.js'
import { packageFile } from '#core/platform/package.js'
import { failureText, run } from '#core/platform/process/processes.js'
import { actingAs, ownerOf } from '#core/platform/process/users.js'
import { quoteWord } from '#core/text.js'
import { type FollowedLog, followLog } from './follow-log.js'
import { type Deed, FIRST, type HomesState, press, withHomes } from './homes-state.js'
import { homesLines } from './homes-text.js'
import type { Key } from './keys.js'
import type { LiveView, Size } from './live-screen.js'
import { type ScreenLine, statusLines } from './status-text.js'

/** A restart may wait for a bot that is busy, and for one that starts slowly. */
const RESTART_TIMEOUT_MS = 30 * 60_000

const HINTS = {
  list: 'j/k move  enter status  l logs  r restart  ? help  q quit',
  status: 'q back  l logs  r restart  ? help',
  logs: 'q back',
  help: 'any key: back',
  confirm: '',
} as const

const HELP = [
  'j, k, arrows   choose a home; g and G, Home and End: the first and the last',
  'enter          its status; q or Escape: back',
  'l              its logs as they come; q, Escape or Ctrl-C: back',
  'r              restart its bot, as catalyst service restart does; it asks before',
  'Ctrl-Z         stop this program for now; fg: go on',
  'q, Ctrl-C      quit',
]

/** Reads the settings of a home; this terminal's environment is none of theirs. */
type ReadConfig = Parameters<typeof readOverview>[1]

/** The screen of all homes, with keys: `ls --watch`. */
export class HomesScreen implements LiveView<undefined> {
  readonly #clock: Clock
  readonly #readConfig: ReadConfig
  #state: HomesState = FIRST
  #overview: Overview = { homes: [], shared_tokens: [] }
  /** The chosen home's status. */
  #status: readonly ScreenLine[] = []
  #log: FollowedLog | undefined
  /** The last action, done or under way; shown until the next key. */
  #message: ScreenLine | undefined
  #redraw = () => {}

  constructor(clock: Clock, readConfig: ReadConfig) {
    this.#clock = clock
    this.#readConfig = readConfig
  }

  opened(redraw: () => void): void {
    this.#redraw = redraw
  }

  async read(): Promise<undefined> {
    const { mode, back, chosen } = this.#state
    if (mode === 'logs') return
    if (chosen !== undefined && (mode === 'status' || (mode !== 'list' && back === 'status'))) {
      this.#status = await statusOf(this.#clock, chosen, this.#readConfig)
      return
    }
    try {
      this.#overview = await readOverview(this.#clock, this.#readConfig)
    } catch (error) {
      this.#message = { text: messageOf(error), color: 'red' } // such as too many open files: the next read may succeed
    }
    this.#state = withHomes(this.#state, this.#homes())
  }

  press(key: Key): 'end' | 'read' | 'draw' {
    this.#message = undefined
    const { state, deed } = press(this.#state, key, this.#homes())
    if (deed === 'read' && state.mode === 'status') this.#status = [{ text: `${state.chosen} …` }]
    this.#state = state
    return deed === undefined ? 'draw' : this.#do(deed)
  }

  draw(_seen: undefined, { columns, rows }: Size): readonly ScreenLine[] {
    const foot = this.#foot(columns)
    return [...this.#body({ columns, rows: rows - foot.length }), ...foot]
  }

  #do(deed: Deed): 'end' | 'read' | 'draw' {
    switch (deed) {
      case 'end':
        this.#log?.close()
        return 'end'
      case 'read':
        return 'read'
      case 'open-logs':
        this.#log = followLog(this.#clock, this.#state.chosen as string, () => this.#redraw())
        return 'draw'
      case 'close-logs':
        this.#log?.close()
        this.#log = undefined
        return 'read'
      case 'restart':
        void this.#restart(this.#state.chosen as string)
        return 'draw'
    }
  }

  #logLines(rows: number): readonly ScreenLine[] {
    const lines = this.#log?.newest(rows) ?? []
    return lines.length > 0 ? lines : NO_LOG
  }

  #homes(): string[] {
    return this.#overview.homes.map(({ home }) => home)
  }

  #body(size: Size): ScreenLine[] {
    switch (this.#state.mode) {
      case 'help':
        return filled(
          HELP.map((text) => ({ text })),
          size.rows,
        )
      case 'logs':
        return filled(this.#logLines(size.rows), size.rows)
      case 'status':
        return filled(this.#status, size.rows)
      case 'confirm':
        return this.#state.back === 'status' ? filled(this.#status, size.rows) : this.#list(size)
      case 'list':
        return this.#list(size)
    }
  }

  /** Returns the heading, and as many homes as there is room for, among them the chosen one. */
  #list({ columns, rows }: Size): ScreenLine[] {
    const [head, ...homes] = homesLines(this.#overview, columns - MARK.length)
    if (homes.length === 0) return filled(head ? [head] : [], rows)
    const room = Math.max(1, rows - 1)
    const from = Math.max(0, Math.min(this.#state.at - room + 1 + Math.floor(room / 2), homes.length - room))
    const marked = homes.map((line, at) => ({ ...line, text: (at === this.#state.at ? MARK : NO_MARK) + line.text }))
    return filled([{ text: NO_MARK + head?.text }, ...marked.slice(from, from + room)], rows)
  }

  /** Returns the last lines: a question, what was done, or the keys. */
  #foot(columns: number): ScreenLine[] {
    const { mode, chosen } = this.#state
    if (mode === 'confirm') return [{ text: `Restart ${this.#nameOf(chosen)} in ${chosen}? y/n`, color: 'yellow' }]
    if (this.#message === undefined) return [{ text: HINTS[mode], color: 'gray' }]
    const { text, color } = this.#message
    return folded(text, columns)
      .slice(0, MESSAGE_LINES)
      .map((line) => ({ text: line, color }))
  }

  #nameOf(home: string | undefined): string {
    return this.#overview.homes.find((one) => one.home === home)?.name ?? 'the bot'
  }

  #say(text: string, color?: ScreenLine['color']): void {
    this.#message = { text, color }
    this.#redraw()
  }

  /** Restarts a bot by our own command, in a process of its own: it asks for rights and locks as ever. */
  async #restart(home: string): Promise<void> {
    const name = this.#nameOf(home)
    this.#say(`restarting ${name} …`)
    const words = [packageFile('bin', 'run.js'), 'service', 'restart', '--home', home]
    const result = await run(process.execPath, words, {
      timeoutMs: RESTART_TIMEOUT_MS,
      env: { ...process.env, NO_COLOR: '1' },
    })
    const isDone = result.exit === 0
    const said = isDone ? result.stdout.trim() : failureText(result).replace(/^Error: /, '')
    this.#say(`${name}: ${said}`, isDone ? undefined : 'red')
  }
}

const NO_LOG: readonly ScreenLine[] = [{ text: 'No lines yet.' }]
const MESSAGE_LINES = 5
const MARK = '> '
const NO_MARK = '  '

/** Returns the words of a message in lines of at most so many columns. */
function folded(text: string, columns: number): string[] {
  const lines: string[] = []
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1)
    if (last === undefined || widthOf(last) + 1 + widthOf(word) > columns) lines.push(word)
    else lines[lines.length - 1] = `${last} ${word}`
  }
  return lines
}

/** Returns so many lines: the foot stands at the bottom. */
function filled(lines: readonly ScreenLine[], rows: number): ScreenLine[] {
  const shown = lines.slice(0, Math.max(0, rows))
  return [...shown, ...Array.from({ length: Math.max(0, rows - shown.length) }, () => ({ text: '' }))]
}

/** Returns a command with its home: typed where this screen was opened, it would act on another one. */
function inHome(command: string, home: string): string {
  return command.startsWith('catalyst ') ? `${command} --home ${quoteWord(home)}` : command
}

/** Returns the status of one home, or why there is none, such as of one that is gone. */
async function statusOf(clock: Clock, folder: string, readConfig: ReadConfig): Promise<readonly ScreenLine[]> {
  try {
    const { gather } = await import('#core/condition/gather.js')
    const owner = ownerOf(folder)
    const config = actingAs(owner, () => readConfig(folder, {}))
    const condition = await gather(new Home({ clock, paths: homePaths(folder), owner, config }))
    const { next } = condition
    return statusLines({ ...condition, next: next && { ...next, command: inHome(next.command, folder) } })
  } catch (error) {
    return [{ text: `${folder} can't be read: ${messageOf(error)}`, color: 'red' }]
  }
}
