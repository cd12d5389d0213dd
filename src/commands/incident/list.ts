import { BaseCommand } from '#cli/base-command.js'
import { incidentLines } from '#cli/incident-text.js'
import { withIsoTimes } from '#cli/json-times.js'
import type { IncidentRecord } from '#core/watchdog/incidents.js'

type Listed = IncidentRecord & { readonly name: string }

export default class IncidentList extends BaseCommand {
  static override summary = 'List what the watchdog has seen go wrong, newest first.'
  static override examples = ['<%= config.bin %> <%= command.id %>']
  static override enableJsonFlag = true

  async run(): Promise<readonly Listed[]> {
    const { flags } = await this.parse(IncidentList)
    const { Incidents } = await import('#core/watchdog/incidents.js')
    const incidents = new Incidents(this.pathsToRead(flags).incidents)
    const listed = incidents.list().flatMap((name) => {
      const incident = incidents.read(name)
      return incident === undefined ? [] : [{ name, ...incident }]
    })
    this.log(listed.length === 0 ? 'No incident is known.' : incidentLines(listed))
    return listed
  }

  protected override toSuccessJson(result: unknown): unknown {
    return withIsoTimes(result)
  }
}
