import { describe, type Plan } from '#core/deploy/plan.js'
import { harmless } from '#core/logging/plain.js'

/** From what to what a plan leads, and its steps, numbered. */
export function planText(plan: Plan, redact: (text: string) => string): string {
  const steps = plan.steps.map(
    (step, index) => `${String(index + 1).padStart(2)}. ${harmless(redact(describe(step, plan)))}`,
  )
  return [`${plan.from?.name ?? 'The home itself'} → ${plan.target.name}:`, ...steps].join('\n')
}
