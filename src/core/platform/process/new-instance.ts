import { randomUUID } from 'node:crypto'
import fs from 'node:fs'

/** Returns a new random id, a UUID: from Linux itself where it gives one, since a bot's start must not wait for node:crypto. */
export function newInstance(): string {
  try {
    const uuid = fs.readFileSync('/proc/sys/kernel/random/uuid', 'latin1').trim()
    if (/^[\da-f-]{36}$/.test(uuid)) return uuid
  } catch {
    // not Linux, or a service that does not see it
  }
  return randomUUID()
}
