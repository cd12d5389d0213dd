import { Args, Flags } from '@oclif/core'
import { BaseCommand } from '#cli/base-command.js'
import type { Pause } from '#core/home/pause.js'
import { realClock } from '#core/platform/clock.js'

export default class WatchdogPause extends BaseCommand {
  static override summary = 'Pause the watchdog for maintenance: it does nothing until then, and ends that by itself.'
  static override description =
    'It restarts nothing, opens no incident and sends no alert about the bot; what it sees is still logged, and an outside monitor gets a heartbeat that says so. A fault that still lasts at the end is judged afresh. Deployments and services work as ever. Another pause replaces the first.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> --for 2h "moving the database"',
    '<%= config.bin %> watchdog resume',
  ]
  static override enableJsonFlag = true
  static override args = { why: Args.string({ description: 'The reason, which status and heartbeats show.' }) }
  static override flags = {
    for: Flags.string({
      summary: 'How long: from 1m to 7d, such as 30m, 2h or 1d.',
      helpValue: 'TIME',
      default: '1h',
    }),
  }

  async run(): Promise<{ paused: Pause; replaced: Pause | null; running: boolean }> {
    const { args, flags } = await this.parse(WatchdogPause)
    const paths = this.paths(flags)
    const { Home } = await import('#core/home/home.js')
    const { makePause, pauseEndText, pauseOf, writePause } = await import('#core/home/pause.js')
    const home = Home.open(realClock, paths, process.env)
    const now = realClock.now()
    const why = args.why === undefined ? undefined : home.redact(args.why)
    const paused = makePause({ length: flags.for, why, by: home.by }, now)
    const replaced = home.asOwner(() => pauseOf(paths, now)) ?? null
    home.asOwner(() => writePause(paths, paused))
    home.journal.append('watchdog.pause', { until: paused.until, why: paused.why })
    const running = await home.isHeld('watchdogLock')
    this.say(`The watchdog is paused ${pauseEndText(paused)}. End it before: catalyst watchdog resume`)
    if (replaced) this.say(`This replaces the pause ${pauseEndText(replaced)}.`)
    if (!running) this.say('No watchdog runs now; one that is started meanwhile is paused, too.')
    return { paused, replaced, running }
  }
}
