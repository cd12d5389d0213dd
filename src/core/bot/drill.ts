import type { Proof } from '#core/health/status.js'
import type { BotKind } from './proof.js'

/** Ways in which a running bot is really brought down, to see whether it comes back. */
export const DRILLS = ['crash', 'freeze', 'hang'] as const
export type Drill = (typeof DRILLS)[number]

export interface Drilled {
  readonly kind: BotKind
  readonly proof: Proof
  readonly platform: NodeJS.Platform
}

/** Why this bot can't be brought down so, or why nobody would see it; undefined where it can. */
export function drillRefusal(drill: Drill, { kind, proof, platform }: Drilled): string | undefined {
  if (drill === 'crash') return undefined
  if (kind === 'program' && platform === 'win32') return 'Windows can not make a program stand still without ending it.'
  if (kind === 'module' && drill === 'hang' && proof === 'url')
    return 'The proof of this bot is BOT_HEALTH_URL, so nobody could see that its cycle hangs.'
  const isSilence = kind === 'module' && drill === 'freeze' // a blocked event loop answers nobody, whatever the proof
  if (proof === 'process' && !isSilence)
    return `The proof of this bot is that its process lives, so nobody could see a ${drill}: have it report its cycles, or set BOT_HEALTH_URL.`
  return undefined
}

/** Blocks the event loop for ever, under a name that the evidence shows. */
export function catalystDrillFreeze(): never {
  for (;;);
}

/** Throws what nobody catches. */
export function catalystDrillCrash(): never {
  throw new Error('catalyst drill crash')
}
