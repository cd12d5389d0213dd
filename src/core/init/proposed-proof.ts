import type { BotFiles } from './bot-files.js'
import { type Framework, mainText } from './framework.js'
import { exposedPort } from './sources/dockerfile.js'

/** A proof that is proposed for a bot: see docs/proof.md. */
export interface ProposedProof {
  /** The value of BOT_PROOF. */
  readonly proof: string
  /** The settings that it needs beside BOT_PROOF, as far as they are known. */
  readonly settings: Readonly<Record<string, string>>
  readonly why: string
}

/** The facts that a proposal depends on, beside the bot's files. */
export interface ProofFacts {
  /** True where the kernel can be asked for a program's connections: Linux with `ss`. */
  readonly seesConnections: boolean
  /** The token of a Telegram bot, if `.env` has one under any name. */
  readonly telegramToken: string | undefined
  /** The port that the bot listens on by its settings. */
  readonly port: string | undefined
}

const PROCESS: ProposedProof = { proof: 'auto', settings: {}, why: 'its process lives, and signs of its connections' }

/** Returns the proof that fits a bot. */
export function proposedProof(
  framework: Framework | undefined,
  files: BotFiles,
  words: readonly string[],
  { seesConnections, telegramToken, port }: ProofFacts,
): ProposedProof {
  const name = framework?.name ?? ''
  const connection = { proof: 'network', settings: {}, why: `${name}: what comes on its connections is read` }
  switch (framework?.kind) {
    case 'reports':
      return { proof: 'report', settings: {}, why: 'it reports to CATALYST_REPORT_URL' }
    case 'freqtrade':
      return { proof: 'log', settings: { BOT_LOG_PROOF: 'Bot heartbeat' }, why: 'freqtrade prints a line a minute' }
    case 'telegram':
      if (telegramToken === undefined) return seesConnections ? connection : PROCESS
      return {
        proof: seesConnections ? 'telegram,network' : 'telegram',
        settings: { BOT_TELEGRAM_TOKEN: telegramToken },
        why: `${name}: its updates are fetched`,
      }
    case 'connection':
      return seesConnections ? connection : PROCESS
    case 'server':
      return serverProof(name, files, words, port)
    default:
      return PROCESS
  }
}

/** Returns the address of a web server's own, if its port is known: better one for health than any other. */
function serverProof(name: string, files: BotFiles, words: readonly string[], port: string | undefined): ProposedProof {
  const text = mainText(files, words)
  const listens = /\.listen\(\s*(\d{2,5})|\bport\s*[=:]\s*(\d{2,5})|(?:PORT\s*(?:\|\||\?\?)\s*)(\d{2,5})/.exec(text)
  const flag = /(?:--port|-p|-b|--bind)[= ](?:[\w.]*:)?(\d{2,5})/.exec(words.join(' '))?.[1]
  const found = port ?? flag ?? listens?.slice(1).find((digits) => digits !== undefined) ?? exposedPort(files)
  const path = /["'`](\/(?:healthz?|ready|readyz|livez?|ping|status))["'`]/.exec(text)?.[1]
  if (found === undefined || path === undefined) return PROCESS
  return {
    proof: 'url',
    settings: { BOT_HEALTH_URL: `http://127.0.0.1:${found}${path}` },
    why: `${name} with a health address of its own`,
  }
}

/** Returns the value in settings that looks like a Telegram bot's token: digits, a colon, and a key. */
export function telegramTokenIn(settings: Readonly<Record<string, string>>): string | undefined {
  return Object.values(settings).find((value) => /^\d{6,12}:[\w-]{30,}$/.test(value))
}
