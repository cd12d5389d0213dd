import { Flags } from '@oclif/core'
import { loadFullConfig } from '#bots/config.js'
import { BaseCommand } from '#cli/base-command.js'
import { upgradedText, upgradeText } from '#cli/service/upgrade-text.js'
import { WaitLine } from '#cli/wait-line.js'
import { realClock } from '#core/platform/clock.js'
import type { ServiceUpgrade as Upgraded } from '#core/upgrade/upgrade-home.js'

export default class ServiceUpgrade extends BaseCommand {
  static override summary = 'After an update of catalyst: restart the services that still run the version before.'
  static override description =
    `One after the other, each through the gate of a deployment: a bot that worked before has to work again. The first one that doesn't ends it. What is stopped stays so, a bot that is busy is waited for, and one that was out of order before decides nothing.

The .deb does this by itself. Where catalyst runs on the machine's node, it can't tell who runs the version before, and restarts all.

Exit codes: 0 all work; 1 one does not.`
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    { description: 'Those of one home:', command: '<%= config.bin %> <%= command.id %> --home FOLDER' },
  ]
  static override enableJsonFlag = true
  static override baseFlags = {
    home: Flags.string({
      summary: "One bot's folder. Default: all homes of this machine that you may see.",
      helpGroup: 'GLOBAL',
      helpValue: 'FOLDER',
    }),
  }
  static override flags = {
    back: Flags.boolean({
      summary: 'The version before is in force again: bring back all that ran this one, and wait for each of them.',
    }),
  }

  async run(): Promise<{ services: Upgraded[] }> {
    const { flags } = await this.parse(ServiceUpgrade)
    const { thisRuntime } = await import('#core/service/runtime.js')
    const { homesToUpgrade, upgradeAll } = await import('#core/upgrade/upgrade-all.js')
    const { runsThisProgram } = await import('#core/upgrade/running-program.js')
    const { cli } = thisRuntime()
    const homes = homesToUpgrade(cli, flags.home === undefined ? undefined : [this.paths(flags).home])
    let line = new WaitLine()
    const services = await upgradeAll(realClock, homes, loadFullConfig, {
      cli,
      isCurrent: runsThisProgram,
      isBack: flags.back,
      say: (text) => this.logToStderr(text),
      onWait: () => line.show('Waiting until it works again'),
      onDone: (done) => {
        line.hide()
        line = new WaitLine()
        this.say(upgradedText(done, this.config.version))
      },
    })
    this.say(upgradeText(services))
    if (services.some(({ outcome }) => outcome === 'failed')) process.exitCode = 1
    return { services }
  }
}
