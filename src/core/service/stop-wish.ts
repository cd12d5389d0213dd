import { readStopWish } from '#core/state/wanted.js'
import type { Services } from './services.js'

/** When somebody has stopped the bot on purpose, ISO 8601, where it is to stay so; undefined where nobody has. */
export function stopWishOf({ asOwner, paths }: Pick<Services, 'asOwner' | 'paths'>): string | undefined {
  try {
    return asOwner(() => readStopWish(paths))?.at
  } catch {
    return undefined // it can't be read; that is no reason to leave the bot as it is
  }
}
