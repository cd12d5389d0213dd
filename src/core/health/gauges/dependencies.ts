import { isOn } from '#core/config/parse.js'
import type { Dependency } from '#core/config/rule.js'
import { messageOf } from '#core/errors.js'
import { ask } from '#core/platform/net/http.js'
import { whyNoConnection } from '#core/platform/net/reach.js'

const PROBE_TIMEOUT_MS = 5000

/**
 * Probes a dependency. Returns why it is down; undefined where it answers. The address, which may hold a key, isn't in
 * the result.
 */
export async function probe(dependency: Dependency, timeoutMs = PROBE_TIMEOUT_MS): Promise<string | undefined> {
  if (/^tcp:/i.test(dependency.url)) return whyNoConnection(dependency.url, timeoutMs)
  try {
    const { status } = await ask(dependency.url, {
      timeoutMs,
      headers: { ...dependency.headers, 'User-Agent': 'catalyst' },
    })
    return status >= 200 && status < 400 ? undefined : `HTTP ${status}`
  } catch (error) {
    return messageOf(error)
  }
}

/** Returns the `FEATURE_*` flags of an environment, in lower case without their prefix. */
export function featuresOf(environment: Readonly<Record<string, string>>): Record<string, boolean> {
  return Object.fromEntries(
    Object.entries(environment)
      .filter(([name]) => /^FEATURE_\w+$/.test(name))
      .map(([name, value]) => [name.slice('FEATURE_'.length).toLowerCase(), isOn(value)]),
  )
}
