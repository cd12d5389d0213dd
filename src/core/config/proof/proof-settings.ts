import type { SettingName, Settings } from '#core/config/schema.js'
import { parsePath } from './json-path.js'
import { SIGNALS, type SignalName } from './signal-names.js'

/** The settings without which a signal can't be watched. */
const NEEDED = {
  url: 'BOT_HEALTH_URL',
  command: 'BOT_HEALTH_COMMAND',
  log: 'BOT_LOG_PROOF',
  file: 'BOT_PROOF_FILE',
  telegram: 'BOT_TELEGRAM_TOKEN',
} as const satisfies Partial<Record<SignalName, SettingName>>

type Outside = keyof typeof NEEDED
const OUTSIDE = Object.keys(NEEDED) as Outside[]

/**
 * Returns the signals that prove that the bot works, at its start; none where only its process is watched. `auto` is
 * the cycles of a module, and each signal whose setting is set; of a module its address is probed only by name.
 */
export function provenBy(settings: Settings): SignalName[] {
  const { BOT_PROOF: named } = settings
  const isSet = (name: Outside) => settings[NEEDED[name]] !== undefined
  if (!named.includes('auto')) return SIGNALS.filter((name) => named.includes(name))
  if (settings.BOT_COMMAND !== undefined) return OUTSIDE.filter(isSet)
  return ['cycle', ...OUTSIDE.filter((name) => name !== 'url' && name !== 'log' && isSet(name))]
}

/** Returns the contradictions between BOT_PROOF and the settings of the signals. */
export function proofFaults(settings: Settings, platform: NodeJS.Platform = process.platform): string[] {
  const { BOT_PROOF: named, BOT_HEALTH_FRESH: fresh, BOT_TELEGRAM_TOKEN: token } = settings
  const when = (is: boolean, text: string) => (is ? [text] : [])
  const isProgram = settings.BOT_COMMAND !== undefined
  const alone = named.find((name) => name === 'auto' || name === 'process')
  return [
    ...when(
      alone !== undefined && named.length > 1,
      `BOT_PROOF names ${alone} beside others: leave it out, or write BOT_PROOF=${alone}`,
    ),
    ...OUTSIDE.filter((name) => named.includes(name) && settings[NEEDED[name]] === undefined).map(
      (name) => `BOT_PROOF is ${named.join(',')}, but ${NEEDED[name]} is not set: set it, or leave ${name} out`,
    ),
    ...when(
      isProgram && named.includes('cycle'),
      'BOT_PROOF is cycle, but a program has no cycles: use report, url, command, log, file, telegram, network, process or auto',
    ),
    ...when(
      !isProgram && named.includes('log'),
      'BOT_PROOF is log, but the lines of a module prove nothing, only those of a program (BOT_COMMAND): use cycle',
    ),
    ...when(
      named.includes('network') && (!isProgram || platform !== 'linux'),
      `BOT_PROOF is ${named.join(',')}, but ${isProgram ? 'connections are seen on Linux alone' : 'only the connections of a program (BOT_COMMAND) are seen'}: leave network out`,
    ),
    ...when(
      fresh !== undefined && parsePath(fresh) === undefined,
      'BOT_HEALTH_FRESH must be a path in a JSON answer, such as .bot.last_process_ts or .queues[0].done',
    ),
    ...when(
      token !== undefined && !/^\d+:[\w-]+$/.test(token),
      'BOT_TELEGRAM_TOKEN must be a token as BotFather gives it: digits, a colon, then letters, digits, - and _',
    ),
  ]
}

/** Returns what settings of signals leave out, or hold for nothing. */
export function proofHints(settings: Settings): string[] {
  const { BOT_COMMAND, BOT_HEALTH_URL, BOT_HEALTH_FRESH, BOT_HEALTH_EXPECT } = settings
  const when = (is: boolean, text: string) => (is ? [text] : [])
  const proven = provenBy(settings)
  const isProgram = BOT_COMMAND !== undefined
  const isPlainUrl = BOT_HEALTH_FRESH === undefined && BOT_HEALTH_EXPECT === undefined
  const unused = OUTSIDE.filter((name) => settings[NEEDED[name]] !== undefined && !proven.includes(name))
  const forPrograms = (['BOT_LOG_PROOF', 'BOT_LOG_ERROR'] as const).filter((name) => settings[name] !== undefined)
  return [
    ...when(
      !isProgram && BOT_HEALTH_URL !== undefined && !proven.includes('url'),
      'BOT_HEALTH_URL is not probed: the cycles of a module prove that it works. Remove it, or set BOT_PROOF=url',
    ),
    ...when(
      !isProgram && forPrograms.length > 0,
      `${forPrograms.join(' and ')} read the lines of a program (BOT_COMMAND), not those of a module. Remove them`,
    ),
    ...unused
      .filter((name) => isProgram || (name !== 'url' && name !== 'log'))
      .map((name) => `${NEEDED[name]} is not used: BOT_PROOF does not name ${name}. Add it there, or remove it`),
    ...when(
      proven.length === 1 && proven[0] === 'url' && isPlainUrl,
      'BOT_HEALTH_URL: any 2xx answer counts, also that of a side thread while the bot itself hangs. Name a value of the answer that changes while it works (BOT_HEALTH_FRESH), or another proof beside it: see docs/proof.md',
    ),
    ...when(
      !isPlainUrl && !proven.includes('url'),
      'BOT_HEALTH_FRESH and BOT_HEALTH_EXPECT are about the answer of BOT_HEALTH_URL, which is not probed',
    ),
  ]
}
