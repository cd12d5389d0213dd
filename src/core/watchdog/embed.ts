import { EXIT } from '#core/errors.js'
import { duration } from '#core/text.js'
import { type Incident, incidentName, isCrashLoop, type Why } from './incident.js'

/** A message's body as Discord shows it. Source: Discord's documentation, 'Embed Object' and its limits. */
export interface Embed {
  readonly title: string
  readonly description: string
  readonly color: number
  readonly fields: readonly { readonly name: string; readonly value: string; readonly inline?: boolean }[]
  readonly footer: { readonly text: string }
}

export interface IncidentFacts {
  readonly bot: string
  /** DEPLOYMENT_ENV. */
  readonly environment: string
  readonly host: string
  readonly release: string | null
  /** Where it hung, or its last words, if that is known. */
  readonly where: string | undefined
}

const COLOURS: Readonly<Record<Incident['state'], number>> = {
  detected: 0xe6_7e_22,
  restarting: 0xf1_c4_0f,
  recovered: 0x2e_cc_71,
  'needs you': 0xe7_4c_3c,
}

const LIMITS = { title: 256, description: 2000, field: 1000 }

/** An incident, as the admin reads it: what, since when, why, what was done, where it hung, how to look further. */
export function incidentEmbed(incident: Incident, facts: IncidentFacts): Embed {
  const { bot, where } = facts
  const fields = [
    { name: 'Since', value: `<t:${Math.floor(incident.since / 1000)}:F>`, inline: true },
    ...(incident.recoveredAt === undefined
      ? []
      : [{ name: 'Lasted', value: duration(incident.recoveredAt - incident.since), inline: true }]),
    ...(incident.rescues > 0
      ? [{ name: 'Restarts by the watchdog', value: String(incident.rescues), inline: true }]
      : []),
    ...(where === undefined ? [] : [{ name: 'Where', value: code(where) }]),
    {
      name: 'Look further',
      value: code(
        `catalyst incident show ${incidentName(incident)}\ncatalyst health check\ncatalyst logs --level warning`,
      ),
    },
  ]
  return {
    title: cut(`${bot}: ${headline(incident)}`, LIMITS.title),
    description: cut(story(incident), LIMITS.description),
    color: COLOURS[incident.state],
    fields,
    footer: { text: footer(facts) },
  }
}

/** What `watchdog test-alert` sends, before and after its edit. */
export function testEmbed(isEdited: boolean, facts: Omit<IncidentFacts, 'where'>): Embed {
  return {
    title: cut(`${facts.bot}: test alert`, LIMITS.title),
    description: isEdited
      ? 'Messages arrive here, and can be edited: an incident would be one message, and end in green.'
      : 'Messages arrive here. This one is about to be edited.',
    color: COLOURS[isEdited ? 'recovered' : 'detected'],
    fields: [],
    footer: { text: footer(facts) },
  }
}

/** A message on something else than an incident. */
export function plainEmbed(
  message: { title: string; description: string; isGood: boolean; lookFurther: string },
  facts: Omit<IncidentFacts, 'where'>,
): Embed {
  return {
    title: cut(`${facts.bot}: ${message.title}`, LIMITS.title),
    description: cut(message.description, LIMITS.description),
    color: COLOURS[message.isGood ? 'recovered' : 'needs you'],
    fields: [{ name: 'Look further', value: code(message.lookFurther) }],
    footer: { text: footer(facts) },
  }
}

function footer({ environment, host, release }: Omit<IncidentFacts, 'where'>): string {
  return cut([environment, host, release ?? 'no release'].join(' · '), LIMITS.title)
}

function headline(incident: Incident): string {
  switch (incident.state) {
    case 'recovered':
      return 'recovered'
    case 'needs you':
      return 'needs you'
    case 'restarting':
      return 'is being restarted'
    default:
      return isCrashLoop(incident) ? 'crash loop' : WHAT[incident.why]
  }
}

const WHAT: Readonly<Record<Why, string>> = {
  ended: 'ended unexpectedly',
  down: 'does not run',
  hangs: 'hangs',
  silent: 'does not answer',
  memory: 'takes too much memory',
  settings: 'can not start',
}

function story({ why, ends, exit, state }: Incident): string {
  const end = exit === null ? 'It was killed' : `It ended with exit code ${exit}`
  const happened: Record<Why, string> = {
    ended:
      ends > 1
        ? `It has ended ${ends} times without being asked to; the last time: ${end.toLowerCase()}.`
        : `${end} without being asked to.`,
    down: 'It has ended, and its service manager does not start it again.',
    hangs: 'It answers, but its work stands still.',
    silent: 'It runs, but has not answered for longer than the threshold.',
    memory: 'It took more memory than BOT_MAX_RSS_MB for a minute.',
    settings: `${exit === EXIT.notAllowed ? 'It may not do what it must' : 'Its settings are wrong'} (exit code ${exit}).`,
  }
  const done: Record<Incident['state'], string> = {
    detected: '',
    restarting: ' It is being restarted.',
    recovered: ' It works again.',
    'needs you':
      why === 'settings'
        ? ' Another start would not help: run `catalyst config check`.'
        : ' The watchdog does no more for now.',
  }
  return happened[why] + done[state]
}

function code(text: string): string {
  return `\`\`\`\n${cut(text.replaceAll('```', "'''"), LIMITS.field)}\n\`\`\``
}

function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`
}
