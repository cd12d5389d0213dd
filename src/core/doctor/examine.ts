import { askAsOwner, isNotPermitted, whyMissing } from '#core/condition/gather.js'
import { CatalystError, messageOf } from '#core/errors.js'
import { within } from '#core/platform/clock.js'
import type { Check } from './check.js'
import { CHECKS } from './checks.js'
import type { Context } from './context.js'
import { type Finding, type Judged, ok, warning } from './finding.js'

/** The time after which a check is given up. */
export const CHECK_TIMEOUT_MS = 5000

/**
 * Examines a home: all checks at the same time, in the order of their table. With `fix` it mends what is safe, and
 * examines that once more.
 */
export async function examine(
  context: Context,
  { fix = false, checks = CHECKS }: { readonly fix?: boolean; readonly checks?: readonly Check[] } = {},
): Promise<Finding[]> {
  const here = checks.filter(({ platforms }) => platforms?.includes(context.platform) ?? true)
  return (await Promise.all(here.map((check) => examineOne(context, check, fix)))).flat()
}

async function examineOne(context: Context, check: Check, fix: boolean): Promise<Finding[]> {
  const found = await judgedBy(context, check)
  if (!fix || check.fix === undefined || found.every(({ state }) => state === 'ok'))
    return found.map((one) => ({ id: check.id, ...one, fixed: null }))
  const done = await mended(context, check.fix)
  const left = await judgedBy(context, check)
  const fixed = done.map((text) => ({ id: check.id, ...ok(text), fixed: text }))
  const after = fixed.length > 0 ? left.filter(({ state }) => state !== 'ok') : left
  return [...fixed, ...after.map((one) => ({ id: check.id, ...one, fixed: null }))]
}

/** Mends, and returns what was done. What can't be mended is found again, with what to type. */
async function mended(context: Context, fix: NonNullable<Check['fix']>): Promise<readonly string[]> {
  return fix(context).catch(() => [])
}

/** Returns the findings of a check; a check that fails or hangs is itself a warning. */
async function judgedBy(context: Context, check: Check): Promise<readonly Judged[]> {
  try {
    const found = await within(context.home.clock, CHECK_TIMEOUT_MS, check.examine(context))
    return found ?? [warning(`could not be told within ${CHECK_TIMEOUT_MS / 1000} s`)]
  } catch (error) {
    const command = isNotPermitted(error) ? (askAsOwner(context.home) ?? null) : null
    const suggestions = error instanceof CatalystError && command === null ? error.suggestions : []
    const why = [whyMissing(error), ...suggestions].join('. ')
    return [warning(`could not be told: ${why === '' ? messageOf(error) : why}`, command)]
  }
}
