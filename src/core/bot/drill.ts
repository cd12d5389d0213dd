import type { Proof } from '#core/health/status.js'
import type { BotKind } from './proof.js'

/** The ways in which a drill really brings a running bot down, to see whether it comes back. */
export const DRILLS = ['crash', 'freeze', 'hang'] as const
export type Drill = (typeof DRILLS)[number]

export interface Drilled {
  readonly kind: BotKind
  readonly proof: Proof
  readonly platform: NodeJS.Platform
}

/** Returns why this drill can't bring the bot down, or why nobody would notice; undefined where it can. */
export function drillRefusal(drill: Drill, { kind, proof, platform }: Drilled): string | undefined {
  if (drill === 'crash') return undefined
  if (kind === 'program' && platform === 'win32') return 'Windows can not freeze a program without ending it.'
  if (kind === 'module' && drill === 'hang' && proof === 'url')
    return 'The proof of this bot is BOT_HEALTH_URL, so nobody could notice that its cycle hangs.'
  const isSilence = kind === 'module' && drill === 'freeze' // a blocked event loop answers nobody, whatever the proof
  if (proof === 'process' && !isSilence)
    return `The proof of this bot is that its process lives, so nobody could notice a ${drill}: have it report its cycles, or set BOT_HEALTH_URL.`
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
