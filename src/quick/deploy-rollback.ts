import { consoleDrained } from '#cli/console.js'
import { fail } from '#cli/fail.js'
import { commandNamedBy, runNamed } from '#cli/named-command.js'
import { surviveClosedPipe } from '#cli/screen.js'
import DeployRollback from '#commands/deploy/rollback.js'
import { realClock } from '#core/platform/clock.js'
import { readCommands } from './manifest.js'

const COMMANDS = { 'deploy:rollback': DeployRollback }

/**
 * Runs `deploy rollback`, which is wanted in a hurry, as the whole command line does, but without the other commands: to load
 * them takes longer than its steps. Returns false where it has done nothing: what the parser refuses.
 */
export async function quick(words: readonly string[]): Promise<boolean> {
  const command = commandNamedBy(words, COMMANDS)
  if (command === undefined) return false
  surviveClosedPipe()
  const ids = () => Object.keys(readCommands())
  try {
    if (!(await runNamed(command, COMMANDS, ids))) return false
    await consoleDrained(realClock)
  } catch (error) {
    await fail(error as Error, ids())
  }
  return true
}
