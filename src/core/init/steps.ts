/** What is to be done once the settings are written. */
export interface Steps {
  /** Install or repair the bot's service, and start it where it has never run. */
  readonly service: boolean
  /** Install the watchdog beside it. */
  readonly watchdog: boolean
  /** A watchdog is installed already, and may not have been started yet. */
  readonly hasWatchdog: boolean
  /** The version to deploy, and whether it is a tag that is made first. */
  readonly deploy: { readonly ref: string; readonly makesTag: boolean } | undefined
  readonly drill: boolean
}

/** A command of ours by its id, with its words. */
export type CommandCall = readonly [id: string, words: readonly string[]]

/**
 * Returns the commands of these steps, in their order. A version is deployed before anything of the bot starts: only
 * then its packages are there.
 */
export function commandsOf({ service, watchdog, hasWatchdog, deploy, drill }: Steps): CommandCall[] {
  const install = [...(watchdog ? ['--with-watchdog'] : []), ...(deploy ? ['--no-start'] : []), '--yes']
  return [
    ...(service || watchdog ? [['service:install', install] as const] : []),
    ...(deploy?.makesTag ? [['deploy:tag', [deploy.ref]] as const] : []),
    ...(deploy ? [['deploy:run', [deploy.ref, '--skip-fetch', '--yes']] as const] : []),
    ...(deploy && (watchdog || hasWatchdog) ? [['service:start', ['watchdog']] as const] : []),
    ...(drill ? [['drill', ['crash', '--yes']] as const] : []),
  ]
}
