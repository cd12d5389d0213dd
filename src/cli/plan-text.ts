import { describe, type Plan } from '#core/deploy/plan.js'
import { harmless } from '#core/logging/plain.js'

/** The steps of a plan, numbered. */
export function planLines(plan: Plan, redact: (text: string) => string): string {
  return plan.steps
    .map((step, index) => `${String(index + 1).padStart(2)}. ${harmless(redact(describe(step, plan)))}`)
    .join('\n')
}
