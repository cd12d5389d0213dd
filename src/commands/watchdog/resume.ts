import { BaseCommand } from '#cli/base-command.js'
import type { Pause } from '#core/home/pause.js'
import { realClock } from '#core/platform/clock.js'

export default class WatchdogResume extends BaseCommand {
  static override summary = 'End a pause of the watchdog: it judges the bot afresh, as after a start.'
  static override examples = ['<%= config.bin %> <%= command.id %>']
  static override enableJsonFlag = true

  async run(): Promise<{ ended: Pause | null }> {
    const { flags } = await this.parse(WatchdogResume)
    const paths = this.paths(flags)
    const { Home } = await import('#core/home/home.js')
    const { clearPause, pauseEndText, pauseOf } = await import('#core/home/pause.js')
    const home = Home.open(realClock, paths, process.env)
    const ended = home.asOwner(() => pauseOf(paths, realClock.now())) ?? null
    home.asOwner(() => clearPause(paths))
    if (ended === null) {
      this.say('The watchdog is not paused.')
      return { ended }
    }
    home.journal.append('watchdog.resume', { paused_until: ended.until })
    this.say(`The watchdog acts again. It was paused ${pauseEndText(ended)}.`)
    return { ended }
  }
}
