import { type Alert, type AlertFacts, type AlertField, aboutOf, footerOf, type Tone } from '#core/alerts/alert.js'
import { duration, isoOf } from '#core/text.js'
import { type Incident, incidentName, restartsOf } from './incident.js'
import { headline, story } from './incident-words.js'

const TONES: Readonly<Record<Incident['state'], Tone>> = {
  detected: 'warning',
  restarting: 'working',
  recovered: 'good',
  needs_attention: 'bad',
}

/**
 * Returns the alert of an incident: what happened, since when, why, what was done, where it hung, and which commands
 * show more. `where` is where it hung, or its last words, if that is known.
 */
export function incidentAlert(incident: Incident, facts: AlertFacts, where: string | undefined): Alert {
  const { since, recoveredAt, attention } = incident
  const restarts = restartsOf(incident)
  const fields: AlertField[] = [{ key: 'since', name: 'Since', value: new Date(since).toISOString(), as: 'time' }]
  if (recoveredAt !== undefined)
    fields.push({ key: 'lasted', name: 'Lasted', value: duration(recoveredAt - since), as: 'words' })
  if (restarts > 0)
    fields.push({ key: 'restarts', name: 'Restarts by the watchdog', value: String(restarts), as: 'words' })
  if (incident.state === 'needs_attention' && attention?.nextRestartAt !== undefined)
    fields.push({
      key: 'next_restart',
      name: 'Next restart',
      value: new Date(attention.nextRestartAt).toISOString(),
      as: 'time',
    })
  if (where !== undefined) fields.push({ key: 'evidence', name: 'Where', value: where, as: 'code' })
  const commands = [
    `catalyst incident show ${incidentName(incident)}`,
    'catalyst health check',
    'catalyst logs --level warning',
  ]
  fields.push({ key: 'commands', name: 'Look further', value: commands.join('\n'), as: 'code' })
  return {
    title: `${facts.bot}: ${headline(incident)}`,
    description: story(incident),
    tone: TONES[incident.state],
    fields,
    footer: footerOf(facts),
    about: aboutOf(facts, { kind: 'incident', name: incidentName(incident), ended: isoOf(recoveredAt) }),
  }
}
