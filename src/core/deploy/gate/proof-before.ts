import { PROCESS_PROOF } from '#core/config/proof/signal-names.js'
import type { Plan } from '#core/deploy/plan.js'

/** The facts that tell by what the version before a deployment has proven itself. */
export interface ProofFacts {
  readonly what: Plan['what']
  /** True if a version that proves nothing is accepted. */
  readonly acceptsNoProof: boolean
  /** The proofs that BOT_PROOF names. */
  readonly named: readonly string[]
  /** The proof of the bot that runs, as its health report has it. */
  readonly running: string | undefined
  /** The proof with which its version last passed the gate. */
  readonly rated: string | undefined
}

/**
 * Returns the proof of the version before, if the next one has to prove itself, too; null where its process alone will
 * do: where nothing else was proven before, where that was accepted, by BOT_PROOF=process or for this deployment, and in
 * a rollback or a repair, which is to bring something back.
 */
export function proofBefore({ what, acceptsNoProof, named, running, rated }: ProofFacts): string | null {
  if (what !== 'deployment' || acceptsNoProof || named.includes(PROCESS_PROOF)) return null
  return [running, rated].find((proof) => proof !== undefined && proof !== PROCESS_PROOF) ?? null
}

/** Returns whether a bot proves nothing but that its process lives. */
export function provesNothing(proof: string | undefined): boolean {
  return proof === PROCESS_PROOF
}
