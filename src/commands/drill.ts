import { Args, Flags } from '@oclif/core'
import { loadFullConfig } from '#bots/config.js'
import { demandYes } from '#cli/prompts.js'
import { ServiceCommand } from '#cli/service/service-command.js'
import { DRILLS, type Drill as Kind } from '#core/bot/drill.js'
import type { DrillResult } from '#core/drill/run-drill.js'
import { realClock } from '#core/platform/clock.js'

export default class Drill extends ServiceCommand {
  static override summary = 'Really bring the running bot down, and watch whether it comes back by itself.'
  static override description =
    `crash ends it with an uncaught error, freeze blocks its event loop, hang makes its next cycle never end; a program is killed (crash) or stopped by a signal (freeze, hang). It spends one restart of the watchdog's restart budget, except for a crash. Ctrl-C only ends the watching: the bot is still restarted.

Exit codes: 0 it came back by itself; 1 it did not, or the drill was refused.`
  static override examples = [
    '<%= config.bin %> <%= command.id %> crash',
    '<%= config.bin %> <%= command.id %> freeze --yes',
  ]
  static override args = {
    kind: Args.string({ description: 'The way in which it is brought down.', options: [...DRILLS], required: true }),
  }
  static override flags = { yes: Flags.boolean({ char: 'y', summary: 'Do not ask.' }) }

  protected override readonly waitsFor = 'until it comes back'

  async run(): Promise<DrillResult> {
    const { args, flags } = await this.parse(Drill)
    const drill = args.kind as Kind
    const paths = this.pathsToRead(flags)
    const config = loadFullConfig(paths.home, process.env)
    const { botServices } = await import('#core/service/open-services.js')
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
