/** What is typed for the service of one home, and for that of the watchdog that all homes share. */
const COMMANDS: readonly (readonly [RegExp, string])[] = [
  [/catalyst service install(?: watchdog)?\b(?! --home)/g, 'catalyst watchdog install --all'],
  [/catalyst service uninstall(?: watchdog)?\b(?! --home)/g, 'catalyst watchdog uninstall --all'],
  [/catalyst service (?:status|start)(?: watchdog)?\b(?! --home)/g, 'catalyst watchdog status --all'],
  [/catalyst watchdog run\b(?! --)/g, 'catalyst watchdog run --all'],
]

/** Returns a text about a service with the commands to type for the shared watchdog. */
export function inSharedWords(text: string): string {
  return COMMANDS.reduce((words, [one, all]) => words.replace(one, all), text)
}
