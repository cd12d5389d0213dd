import { messageOf } from '#core/errors.js'

/**
 * Makes a write that may fail without harm, as on a full disk, and returns whether it worked. `onFault` gets the failure in
 * words, by `textOf`.
 */
export function bestEffort(
  write: () => void,
  onFault: (fault: string) => void,
  textOf: (error: unknown) => string = messageOf,
): boolean {
  try {
    write()
    return true
  } catch (error) {
    onFault(textOf(error))
    return false
  }
}
