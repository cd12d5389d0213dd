import { WHY_NOT_STARTED } from '#core/bot/runners/find-program.js'
import { locateProgram } from '#core/bot/runners/locate-program.js'
import { codeOf, messageOf } from '#core/errors.js'
import { type Clock, within } from '#core/platform/clock.js'
import { onLines } from '#core/platform/process/lines.js'
import { start, waitForExit } from '#core/platform/process/processes.js'
import { killTree } from '#core/platform/process/signals.js'
import type { Probed } from './poll.js'

const LIMIT_MS = 10_000
/** The time in which a killed program is gone. */
const KILLED_MS = 2000
/** The most of its last line that is told. */
const LONGEST_REASON = 200

export interface HealthCommand {
  readonly argv: readonly string[]
  readonly folder: string
  readonly environment: Readonly<Record<string, string>>
}

/** Returns what runs BOT_HEALTH_COMMAND, and what ends a run that is under way. */
export function commandProbe(
  clock: Clock,
  { argv, folder, environment }: HealthCommand,
): { probe: () => Promise<Probed>; close: () => Promise<void> } {
  const [name = '', ...args] = argv
  // what the bot has left behind is known by this: the command is none of it
  const { CATALYST_INSTANCE: _, ...env } = environment
  let running: Awaited<ReturnType<typeof start>> | undefined
  const probe = async (): Promise<Probed> => {
    try {
      const child = await start(locateProgram(name, folder, process.platform), args, { cwd: folder, env })
      running = child
      const exited = waitForExit(clock, child)
      let lastLine = ''
      for (const stream of [child.stdout, child.stderr])
        onLines(stream, (line) => {
          if (line.trim() !== '') lastLine = line.trim()
        })
      child.stdin?.on('error', () => {}).end()
      const exit = await within(clock, LIMIT_MS, exited)
      if (exit === undefined) {
        await killTree(child)
        await within(clock, KILLED_MS, exited)
      }
      return judgeExit(exit, lastLine)
    } catch (error) {
      return { is: 'silence', why: `it can't be started: ${WHY_NOT_STARTED[codeOf(error) ?? ''] ?? messageOf(error)}` }
    } finally {
      running = undefined
    }
  }
  return {
    probe,
    async close() {
      if (running !== undefined) await killTree(running)
    },
  }
}

/** Judges how the command exited; undefined: not within its limit. */
export function judgeExit(exit: number | undefined, lastLine: string): Probed {
  if (exit === 0) return { is: 'proof' }
  const what = exit === undefined ? `no exit within ${LIMIT_MS / 1000} s` : `exit code ${exit}`
  const said = lastLine === '' ? '' : `: ${lastLine.slice(0, LONGEST_REASON)}`
  return { is: 'silence', why: `${what}${said}` }
}
