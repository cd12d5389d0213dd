import type { SignalName } from '#core/config/proof/signal-names.js'
import type { BotKind } from './proof/signals-of.js'

/** The ways in which a drill really brings a running bot down, to see whether it comes back. */
export const DRILLS = ['crash', 'freeze', 'hang'] as const
export type Drill = (typeof DRILLS)[number]

export interface Drilled {
  readonly kind: BotKind
  /** The signals that prove that it works; none where only its process is watched. */
  readonly signals: readonly SignalName[]
  readonly platform: NodeJS.Platform
}

/** Returns why this drill can't bring the bot down, or why nobody would notice; undefined where it can. */
export function drillRefusal(drill: Drill, { kind, signals, platform }: Drilled): string | undefined {
  if (drill === 'crash') return undefined
  if (kind === 'program' && platform === 'win32') return 'Windows can not freeze a program without ending it.'
  const isSilence = kind === 'module' && drill === 'freeze' // a blocked event loop answers nobody, whatever the proof
  if (signals.length === 0 && !isSilence)
    return `The proof of this bot is that its process lives, so nobody could notice a ${drill}: have it report its cycles, or set another BOT_PROOF.`
  if (kind === 'module' && drill === 'hang' && !signals.includes('cycle') && !signals.includes('report'))
    return `The proof of this bot is ${signals.join(', ')}, so nobody could notice that its cycle hangs.`
  if (signals.every((name) => name === 'telegram') && !isSilence)
    return `The proof of this bot is telegram, which notices a ${drill} only once somebody writes to the bot.`
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
