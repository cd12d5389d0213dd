/** A bot that was found, with the command that runs it. */
export interface FoundBot {
  /** The file, and the place in it, such as `package.json, "start"`. */
  readonly from: string
  /** The program and its arguments; they are run without a shell. */
  readonly words: readonly string[]
  /** The settings that go with it, by name; `.env` takes those that it lacks. */
  readonly settings: Readonly<Record<string, string>>
  /** Remarks for the person. */
  readonly notes: readonly string[]
  /** The file, where it is a module for Catalyst, whose cycles are called, and no program. */
  readonly module?: string
  /** What runs it today: it must not any more when it runs here, too. */
  readonly runner?: Runner
  /** True where it runs in another folder than this one: then no version of it can be deployed from here. */
  readonly isElsewhere?: boolean
}

/** A command that was found, and is not proposed. */
export interface RefusedCommand {
  readonly from: string
  readonly why: string
  /** What to do instead. */
  readonly instead: string
}

/** A supervisor of others that runs the bot: pm2, by the file with the app's pid, or a unit of systemd. */
export type Runner =
  | { readonly kind: 'pm2'; readonly name: string; readonly pidFile: string | undefined }
  | { readonly kind: 'unit'; readonly name: string; readonly path: string }

/** What a file says about how the bot is run. */
export type Candidate = FoundBot | RefusedCommand

/** The same without the file. */
export type Command = Omit<FoundBot, 'from'> | Omit<RefusedCommand, 'from'>

export function isRefused<T extends Command>(found: T): found is T & Omit<RefusedCommand, 'from'> {
  return 'why' in found
}
