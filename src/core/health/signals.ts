import type { SignalName } from '#core/config/proof/signal-names.js'
import { type Gaps, isLearned, LEARN_THRESHOLDS, longestOf, NO_GAPS, withGap } from './gaps.js'

/** The finding of one probe of a signal. `unknown` means that we could not ask, which is no silence of the bot. */
export type Observation =
  | { readonly is: 'proof' }
  | { readonly is: 'silence'; readonly why: string }
  | { readonly is: 'unknown'; readonly why: string }

/** A signal to watch. */
export interface Watched {
  readonly name: SignalName
  /** The expected gap between two proofs where the settings know it; undefined where it is learned. */
  readonly setMs: number | undefined
}

/** A signal with what was observed of it. Times are monotonic, in milliseconds. */
export interface Signal extends Watched {
  readonly lastProof: number | undefined
  /** The gap to the next proof, as the last one announced it. */
  readonly nextMs: number | undefined
  /** The gaps between its proofs; undefined before the first one that it teaches. */
  readonly gaps: Gaps | undefined
  /** The reason why the last probe proved nothing; undefined after a proof. */
  readonly why: string | undefined
  /** The time since which it could not be asked; undefined while it can. Its silence is not measured meanwhile. */
  readonly unknownSince: number | undefined
}

/** The figures of a signal that the health state depends on. Times are in milliseconds. */
export interface SignalFigures {
  readonly name: SignalName
  /** The time since the last proof, without what could not be asked; undefined before the first one. */
  readonly sinceProofMs: number | undefined
  /** The expected time from one proof to the next one. */
  readonly gapMs: number
  /** True where that gap is more than a first guess: only then is a proof reported that is a little overdue. */
  readonly isGapKnown: boolean
  readonly why: string | undefined
  /** True while it can't be asked. */
  readonly isUnknown: boolean
}

export function newSignal({ name, setMs }: Watched): Signal {
  return {
    name,
    setMs,
    lastProof: undefined,
    nextMs: undefined,
    gaps: undefined,
    why: undefined,
    unknownSince: undefined,
  }
}

/** Returns the signal after a proof. `nextMs` is the gap to the next one, where the bot has announced it. */
export function withProof(signal: Signal, now: number, freezeThresholdMs: number, nextMs?: number): Signal {
  const asked = withoutUnknown(signal, now)
  return { ...asked, gaps: learned(asked, now, freezeThresholdMs), lastProof: now, nextMs, why: undefined }
}

/** Returns the signal after a probe. */
export function withObservation(
  signal: Signal,
  observation: Observation,
  now: number,
  freezeThresholdMs: number,
): Signal {
  switch (observation.is) {
    case 'proof':
      return withProof(signal, now, freezeThresholdMs)
    case 'silence':
      return { ...withoutUnknown(signal, now), why: observation.why }
    case 'unknown':
      return { ...signal, why: observation.why, unknownSince: signal.unknownSince ?? now }
  }
}

export function figuresOf(signal: Signal, now: number, freezeThresholdMs: number): SignalFigures {
  const { name, lastProof, why, unknownSince } = signal
  return {
    name,
    sinceProofMs: lastProof === undefined ? undefined : (unknownSince ?? now) - lastProof,
    gapMs: gapOf(signal, freezeThresholdMs),
    isGapKnown: isGapKnown(signal, freezeThresholdMs),
    why,
    isUnknown: unknownSince !== undefined,
  }
}

/** Returns the signal as if the time in which it could not be asked had not passed. */
function withoutUnknown(signal: Signal, now: number): Signal {
  const { lastProof, unknownSince } = signal
  if (unknownSince === undefined) return signal
  const passedMs = now - unknownSince
  return { ...signal, lastProof: lastProof === undefined ? undefined : lastProof + passedMs, unknownSince: undefined }
}

/** Learns from the gap that ends now, unless the bot itself had announced it. */
function learned(signal: Signal, now: number, freezeThresholdMs: number): Gaps | undefined {
  const { lastProof, nextMs, gaps } = signal
  if (lastProof === undefined || nextMs !== undefined) return gaps
  // one that counted as a freeze may have been one: the next must not be noticed hours later for it
  const gapMs = Math.min(now - lastProof, gapOf(signal, freezeThresholdMs) + freezeThresholdMs)
  return withGap(gaps ?? NO_GAPS, gapMs, LEARN_THRESHOLDS * freezeThresholdMs)
}

/**
 * Returns the expected gap: the one that a report announced; else the pause that was set, or the longest recent gap
 * where that is longer; before there was a gap the freeze threshold.
 */
function gapOf({ nextMs, setMs, gaps }: Signal, freezeThresholdMs: number): number {
  if (nextMs !== undefined) return nextMs
  const longestMs = gaps && longestOf(gaps)
  return setMs === undefined ? (longestMs ?? freezeThresholdMs) : Math.max(setMs, longestMs ?? 0)
}

/** Returns whether the gap was announced or set, or the bot was observed for long enough. */
function isGapKnown({ nextMs, setMs, gaps }: Signal, freezeThresholdMs: number): boolean {
  if (nextMs !== undefined || setMs !== undefined) return true
  return gaps !== undefined && isLearned(gaps, LEARN_THRESHOLDS * freezeThresholdMs)
}
