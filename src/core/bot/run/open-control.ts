import { type Drill, drillRefusal } from '#core/bot/drill.js'
import type { BotRun } from '#core/bot/runners/run-module.js'
import { openControlServer } from '#core/bot/servers/control-server.js'
import type { Run } from './run.js'

/** The bot that the control server can bring down, once it runs. */
export interface Controlled {
  bot?: BotRun
}

/** Opens the address for control. */
export async function openControl(run: Run): Promise<Controlled> {
  const controlled: Controlled = {}
  const control = await openControlServer({
    instance: run.claim.instance,
    report: run.report,
    onStop: () => run.stopRequest.ask('control'),
    onDrill: (drill) => beginDrill(run, drill, controlled.bot),
  })
  run.closing.push(control.close)
  run.note({ control: control.url })
  return controlled
}

/** The delay of a drill, in which its answer goes out. */
const DRILL_MS = 100

/** Begins a drill a moment later. Returns why it is refused instead, if it is. */
function beginDrill(run: Run, drill: Drill, bot: BotRun | undefined): string | undefined {
  const { config, monitor, journal, log, clock } = run
  const kind = config.settings.BOT_COMMAND === undefined ? 'module' : 'program'
  if (bot === undefined) return 'The bot is still starting.'
  const refusal = drillRefusal(drill, { kind, signals: monitor.signals, platform: process.platform })
  if (refusal !== undefined) return refusal
  log.warn(`catalyst drill ${drill}: the bot is brought down on purpose`)
  journal.append('drill', { drill, pid: process.pid })
  run.closing.push(clock.after(DRILL_MS, () => bot.drill(drill)))
  return undefined
}
