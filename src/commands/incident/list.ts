import { BaseCommand, fullFlag } from '#cli/base-command.js'
import { withIsoTimes } from '#cli/json-times.js'
import { incidentLines } from '#cli/watchdog/incident-text.js'
import type { IncidentRecord } from '#core/incidents/store.js'

type Listed = IncidentRecord & { readonly name: string; readonly crash_loop: boolean }

export default class IncidentList extends BaseCommand {
  static override summary = 'List the incidents that the watchdog has found, newest first.'
  static override examples = ['<%= config.bin %> <%= command.id %>']
  static override enableJsonFlag = true
  static override flags = { full: fullFlag }

  async run(): Promise<readonly Listed[]> {
    const { flags } = await this.parse(IncidentList)
    const { isCrashLoop } = await import('#core/incidents/incident.js')
    const { Incidents } = await import('#core/incidents/store.js')
    const incidents = new Incidents(this.pathsToRead(flags).incidents)
    const listed = incidents.list().flatMap((name) => {
      const incident = incidents.read(name)
      return incident === undefined ? [] : [{ name, crash_loop: isCrashLoop(incident), ...incident }]
    })
    const text = listed.length === 0 ? 'No incident is known.' : incidentLines(listed)
    this.sayList(text, { full: flags.full, command: 'catalyst incident list' })
    return listed
  }

  protected override toSuccessJson(result: unknown): unknown {
    return withIsoTimes(result)
  }
}
