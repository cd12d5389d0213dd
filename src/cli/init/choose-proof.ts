import type { SettingName } from '#core/config/schema.js'
import { CatalystError, EXIT } from '#core/errors.js'
import type { ProposedProof } from '#core/init/proposed-proof.js'
import { faultOf } from '#core/init/write-settings.js'
import type { Asker } from './asker.js'

/** The proofs that a program can have, with the setting that each needs. */
const PROOFS: readonly { readonly proof: string; readonly is: string; readonly needs?: SettingName }[] = [
  { proof: 'network', is: 'it reads what comes on its connections (Linux)' },
  { proof: 'log', is: 'it prints a line again and again', needs: 'BOT_LOG_PROOF' },
  { proof: 'url', is: 'it answers at a health address of its own', needs: 'BOT_HEALTH_URL' },
  { proof: 'telegram', is: 'its updates are fetched from Telegram', needs: 'BOT_TELEGRAM_TOKEN' },
  { proof: 'file', is: 'it writes a file again and again', needs: 'BOT_PROOF_FILE' },
  { proof: 'command', is: 'a program checks it', needs: 'BOT_HEALTH_COMMAND' },
  { proof: 'report', is: 'it reports to CATALYST_REPORT_URL' },
  { proof: 'auto', is: 'its process lives, and no sign says that it is deaf' },
]

const QUESTIONS: Readonly<Record<string, string>> = {
  BOT_LOG_PROOF: 'A pattern (RE2) of that line:',
  BOT_HEALTH_URL: 'That address:',
  BOT_TELEGRAM_TOKEN: "The bot's token, to ask Telegram:",
  BOT_PROOF_FILE: 'That file, relative to the home:',
  BOT_HEALTH_COMMAND: 'That program:',
}

/** Asks for the proof, the proposed one first, and for what it needs; `known` are settings that are there already. */
export async function chooseProof(
  ask: Asker,
  proposed: ProposedProof,
  flag: string | undefined,
  known: Readonly<Record<string, string | undefined>>,
): Promise<Record<string, string>> {
  const isProposed = (proof: string) => proof === proposed.proof
  const choices = [
    { name: `${proposed.proof}   ${proposed.why} (proposed)`, value: proposed.proof, short: proposed.proof },
    ...PROOFS.filter(({ proof }) => !isProposed(proof)).map(({ proof, is }) => ({
      name: `${proof}   ${is}`,
      value: proof,
      short: proof,
    })),
  ]
  const proof = await ask.choose(flag, 'How does the bot prove that it works?', choices)
  const settings: Record<string, string> = { ...(isProposed(proof) && proposed.settings) }
  const signals = proof.split(',').map((one) => one.trim())
  for (const { needs } of PROOFS.filter((one) => signals.includes(one.proof))) {
    if (needs === undefined || known[needs] || settings[needs]) continue
    settings[needs] = await askFor(ask, needs)
  }
  return proof === 'auto' ? settings : { BOT_PROOF: proof, ...settings }
}

async function askFor(ask: Asker, name: SettingName): Promise<string> {
  const question = QUESTIONS[name] as string
  const check = (text: string) => (text.trim() === '' ? 'It is needed' : (faultOf(name, text) ?? true))
  const answer =
    name === 'BOT_TELEGRAM_TOKEN'
      ? await ask.secret(process.env[name] || undefined, question)
      : await ask.word(undefined, question, '', check)
  if (answer !== '') return answer
  throw new CatalystError(`This proof needs ${name}. Nothing was changed.`, {
    code: 'SETTINGS_INVALID',
    exit: EXIT.usage,
    suggestions: [`Give it beforehand: --set ${name}=…, or in the environment where it is a secret`],
  })
}
