import { CatalystError } from '#core/errors.js'

/** The error that it fails with; it must be one for the person at the screen. */
export async function failureOf(work: Promise<unknown>): Promise<CatalystError> {
  try {
    await work
  } catch (error) {
    if (error instanceof CatalystError) return error
    throw error
  }
  throw new Error('it did not fail')
}
