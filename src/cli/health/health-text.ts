import type { Health } from '#core/health/client.js'
import { harmless } from '#core/logging/read/plain.js'

/** Describes an answer: the status, then a line for each reason. */
export function healthText({ status, reasons }: Health): string {
  return [status, ...reasons.map(harmless)].join('\n  ')
}
