import { Args } from '@oclif/core'
import { BaseCommand } from '#cli/base-command.js'
import { withIsoTimes } from '#cli/json-times.js'
import { incidentText } from '#cli/watchdog/incident-text.js'
import type { FoundIncident } from '#core/incidents/find-incident.js'

export default class IncidentShow extends BaseCommand {
  static override summary =
    'Show an incident: its course, where the bot was stuck, and the evidence from before the restart.'
  static override examples = [
    { description: 'The last one:', command: '<%= config.bin %> <%= command.id %>' },
    '<%= config.bin %> <%= command.id %> 20260301T120000000Z-silent',
  ]
  static override args = {
    id: Args.string({
      description: 'The name of the incident, or its beginning: see incident list. Default: the last one.',
    }),
  }
  static override enableJsonFlag = true

  async run(): Promise<FoundIncident> {
    const { args, flags } = await this.parse(IncidentShow)
    const { findIncident } = await import('#core/incidents/find-incident.js')
    const shown = findIncident(this.pathsToRead(flags).incidents, args.id)
    this.say(incidentText(shown))
    return shown
  }

  protected override toSuccessJson(result: unknown): unknown {
    return withIsoTimes(result)
  }
}
