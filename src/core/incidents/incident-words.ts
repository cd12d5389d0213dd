import { EXIT } from '#core/errors.js'
import { type Attention, type Incident, isCrashLoop, type Why } from './incident.js'

const HEADLINES: Readonly<Record<Why, string>> = {
  ended: 'ended unexpectedly',
  down: 'does not run',
  hangs: 'hangs',
  silent: 'does not answer',
  memory: 'takes too much memory',
  settings: 'can not start',
  deaf: 'seems to be deaf',
}

/** Returns the state of an incident in a few words. */
export function headline(incident: Incident): string {
  switch (incident.state) {
    case 'recovered':
      return 'recovered'
    case 'needs_attention':
      return 'needs attention'
    case 'restarting':
      return 'is being restarted'
    default:
      return isCrashLoop(incident) ? 'crash loop' : HEADLINES[incident.why]
  }
}

/** Returns the state of an incident in the words of lists and logs. */
export function stateText(state: string): string {
  return state === 'needs_attention' ? 'needs attention' : state
}

/** Returns why there is an incident, in the words of lists and logs. */
export function whyText(incident: Pick<Incident, 'why' | 'ends'>): string {
  return incident.why === 'ended' && isCrashLoop(incident) ? 'crash loop' : incident.why
}

/** Returns what happened and what is done about it, in sentences. */
export function story(incident: Incident): string {
  const { state, attention } = incident
  const done: Record<Incident['state'], string> = {
    detected: '',
    restarting: ' It is being restarted.',
    recovered: ' It works again.',
    needs_attention: ` ${attention === undefined ? 'The watchdog does no more for now' : attentionText(attention, incident)}.`,
  }
  return (state === 'recovered' ? pastOf(incident) : presentOf(incident)) + knownOf(done, state)
}

function presentOf(incident: Incident): string {
  const texts: Partial<Record<Why, string>> = {
    down: 'It has ended, and its service manager does not start it again.',
    hangs: 'It answers, but its work stands still.',
    silent: 'It runs, but has not answered for longer than the threshold.',
    deaf: `It runs, but seems to be deaf${signsText(incident)}.`,
    settings: `${incident.exit === EXIT.notAllowed ? 'It is not permitted to do what it must' : 'Its settings are wrong'}${exitText(incident)}.`,
  }
  return texts[incident.why] ?? pastOf(incident)
}

function pastOf(incident: Incident): string {
  const { why, ends, exit, error } = incident
  const end = exit === null ? 'It was killed' : `It ended with exit code ${exit}`
  const texts: Record<Why, string> = {
    ended:
      ends > 1
        ? `It has ended ${ends} times without being asked to; the last time: ${end.toLowerCase()}${quoted(error)}.`
        : `${end} without being asked to${quoted(error)}.`,
    down: 'It had ended, and its service manager did not start it again.',
    hangs: 'It answered, but its work stood still.',
    silent: 'It ran, but did not answer for longer than the threshold.',
    deaf: `It ran, but seemed to be deaf${signsText(incident)}.`,
    memory: `It took ${memoryText(incident)} for a minute.`,
    settings: `${exit === EXIT.notAllowed ? 'It was not permitted to do what it must' : 'Its settings were wrong'}${exitText(incident)}.`,
  }
  return knownOf(texts, why)
}

/** Returns the text of a word that an incident's file has; an empty one for a word that only another version knows. */
function knownOf(texts: Readonly<Record<string, string>>, word: string): string {
  return texts[word] ?? ''
}

/** Returns what the bot itself said of its exit, to follow a sentence without its full stop. */
function quoted(error: unknown): string {
  return typeof error === 'string' ? `: ${error.slice(0, LONGEST_QUOTE).replace(/[.\s]+$/, '')}` : ''
}

const LONGEST_QUOTE = 200

function exitText({ exit }: Incident): string {
  return exit === null ? '' : ` (exit code ${exit})`
}

function signsText({ signs = [] }: Incident): string {
  return signs.length === 0 ? '' : `: ${signs.join('; ')}`
}

/** Returns how much memory was taken and allowed. */
function memoryText({ memory }: Pick<Incident, 'memory'>): string {
  if (memory === undefined) return 'more memory than BOT_MAX_RSS_MB allows,'
  return `${Math.round(memory.used_mb)} MB of memory, where BOT_MAX_RSS_MB allows ${memory.limit_mb} MB,`
}

/** Returns how many restarts of the budget were not made for this incident. */
function usedBefore(count: number, limit: number): string {
  if (count <= 0) return ''
  return limit === 1 ? ', by an earlier incident' : `, ${count} of them by earlier incidents`
}

/** Returns why nothing more is done for now, without a full stop. */
function attentionText(
  { why, limit }: Attention,
  { exit, restartsBegun }: Pick<Incident, 'exit' | 'restartsBegun'>,
): string {
  switch (why) {
    case 'restarts_used_up':
      return limit === 0
        ? 'It is not restarted: WATCHDOG_MAX_RESTARTS=0 allows no restart'
        : `It is not restarted for now: ${limit === 1 ? 'the one restart' : `all ${limit} restarts`} that WATCHDOG_MAX_RESTARTS allows in an hour ${limit === 1 ? 'is' : 'are'} used up${usedBefore(limit - restartsBegun, limit)}`
    case 'restarts_switched_off':
      return 'It is not restarted: WATCHDOG_RESTART_ON_FREEZE=0 switches that off'
    case 'not_proof':
      return 'It is not restarted for a sign: where it should be, set BOT_PROOF=network'
    case 'not_retried':
      return exit === EXIT.notAllowed
        ? 'Another start would not help: see who owns the home, and `catalyst logs`'
        : 'Another start would not help: run `catalyst config check`'
  }
}
