import type { Plan } from '#core/deploy/plan.js'
import { quoteWord } from '#core/text.js'

/** Tools that take `--ignore-scripts`, by the name they are called by. */
const WITH_SWITCH = /(^|[/\\])(npm|pnpm|yarn|bun)(\.cmd|\.exe)?$/i
const SWITCH = '--ignore-scripts'

/**
 * Returns what to know before the dependencies of a release are installed: scripts of others run then, as which user,
 * and how to switch them off. Returns nothing where none is installed, or they are switched off.
 */
export function scriptsNote({ steps }: Pick<Plan, 'steps'>, user: string): string[] {
  const commands = steps.flatMap((step) => (step.do === 'install' ? [step.argv] : []))
  const risky = commands.filter((argv) => !argv.includes(SWITCH) && !argv.includes('venv'))
  if (risky.length === 0) return []
  const [only] = risky
  const canSwitch = only !== undefined && commands.length === 1 && WITH_SWITCH.test(only[0])
  return [
    `Installing runs scripts that come with the packages, as ${user}, without the secrets that DEPLOY_INSTALL_ENV doesn't name.`,
    ...(canSwitch
      ? [`To switch them off, in .env: DEPLOY_INSTALL_COMMAND=${settingOf([...only, SWITCH])}`]
      : ['What to do about them: docs/deploy.md, "Scripts of packages".']),
  ]
}

function settingOf(argv: readonly string[]): string {
  const text = argv.map((word) => quoteWord(word)).join(' ')
  return /["#\n]/.test(text) ? `'${text}'` : text
}
