import { Args, Flags } from '@oclif/core'
import { demandYes } from '#cli/prompts.js'
import { ServiceCommand } from '#cli/service-command.js'
import { DRILLS, type Drill as Kind } from '#core/bot/drill.js'
import { loadConfig } from '#core/config/load.js'
import type { DrillResult } from '#core/drill/run-drill.js'
import { realClock } from '#core/system/clock.js'

export default class Drill extends ServiceCommand {
  static override summary = 'Really bring the running bot down, and see whether it comes back by itself.'
  static override description =
    `crash ends it with an error nobody catches, freeze blocks its event loop, hang keeps its next cycle from ending; a program is killed (crash) or stopped (freeze, hang). It spends one of the watchdog's rescues, except for a crash. Ctrl-C only ends the watching: what brings the bot back goes on.

Exit codes: 0 it came back by itself; 1 it did not, or the drill was refused.`
  static override examples = [
    '<%= config.bin %> <%= command.id %> crash',
    '<%= config.bin %> <%= command.id %> freeze --yes',
  ]
  static override args = {
    kind: Args.string({ description: 'How it is brought down.', options: [...DRILLS], required: true }),
  }
  static override flags = { yes: Flags.boolean({ char: 'y', summary: 'Do not ask.' }) }

  async run(): Promise<DrillResult> {
    const { args, flags } = await this.parse(Drill)
    const drill = args.kind as Kind
    const paths = this.pathsToRead(flags)
    const config = loadConfig(paths.home, process.env)
    const { botServices } = await import('#core/service/open-home.js')
    const { readyForDrill } = await import('#core/drill/ready-for-drill.js')
    const { runDrill } = await import('#core/drill/run-drill.js')
    const services = await botServices(realClock, paths, config)
    const ready = await readyForDrill(realClock, drill, { paths, settings: config.settings, services })
    await demandYes(flags.yes, 'A drill', ready.question, false)
    const done = await runDrill(realClock, {
      ...ready,
      drill,
      onStep: ({ seconds, what }) => this.log(`${seconds.toFixed(1).padStart(7)} s  ${what}`),
      onWait: this.onWait,
    })
    this.log(`It came back by itself after ${done.down_seconds.toFixed(1)} s.`)
    return done
  }
}
