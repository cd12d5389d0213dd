import type { Observation } from '#core/health/signals.js'
import { type SignLimits, signsOf, type Watch } from './signs.js'

/** Returns what the connections prove: the program has some, reads what comes, and hears from those that it knows. */
export function judgeNetwork(watch: Watch, now: number, limits: SignLimits): Observation {
  if (watch.sockets === undefined)
    return { is: 'unknown', why: "its connections can't be seen: is ss (iproute2) there?" }
  const [sign] = signsOf(watch, now, limits, 0).filter(({ kind }) => kind !== 'idle' && kind !== 'unconnected')
  if (sign !== undefined) return { is: 'silence', why: sign.text }
  return watch.sockets.size > 0 ? { is: 'proof' } : { is: 'silence', why: 'it has no connection' }
}
