/** What is typed for the service of one home, and for that of the watchdog that all homes share. */
const COMMANDS: readonly (readonly [RegExp, string])[] = [
  [/catalyst service install(?!(?: watchdog)? --home)(?: watchdog)?\b/g, 'catalyst watchdog install --all'],
  [/catalyst service uninstall(?!(?: watchdog)? --home)(?: watchdog)?\b/g, 'catalyst watchdog uninstall --all'],
  [/catalyst service (?:status|start)(?!(?: watchdog)? --home)(?: watchdog)?\b/g, 'catalyst watchdog status --all'],
  [/catalyst (?:watchdog run|bot start)\b(?! --)/g, 'catalyst watchdog run --all'],
]

/** Returns a text about a service with the commands to type for the shared watchdog; those for a named home stay. */
export function inSharedWords(text: string): string {
  return COMMANDS.reduce((words, [one, all]) => words.replace(one, all), text)
}
