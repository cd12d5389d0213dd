import type { DeployHome } from '#core/deploy/deploy-home.js'
import { describe, type Plan } from '#core/deploy/plan.js'
import { scriptsNote } from '#core/deploy/run/install-scripts.js'
import { harmless } from '#core/logging/read/plain.js'

/** Describes a plan: from what to what it leads, its steps, and whose programs run while it installs. */
export function planText(plan: Plan, { redact, owner }: Pick<DeployHome, 'redact' | 'owner'>): string {
  const steps = plan.steps.map(
    (step, index) => `${String(index + 1).padStart(2)}. ${harmless(redact(describe(step, plan)))}`,
  )
  const notes = scriptsNote(plan, owner.name).map((line) => harmless(redact(line)))
  return [`${plan.from?.name ?? 'The working tree'} → ${plan.target.name}:`, ...steps, ...notes].join('\n')
}
