/** How long anything may take on a busy machine before it counts as never. */
export const PATIENCE_MS = 20_000
const POLL_INTERVAL_MS = 20

/** Says that waiting on is useless. */
export class Hopeless extends Error {}

type Truthy<T> = Exclude<T, false | null | undefined | '' | 0>

/** Waits until `look` gives something truthy, and returns that. `look` may throw while the thing isn't there yet. */
export async function until<T>(look: () => T | Promise<T>, ms = PATIENCE_MS): Promise<Truthy<T>> {
  const deadline = performance.now() + ms
  let last: unknown
  for (;;) {
    try {
      last = await look()
      if (last) return last as Truthy<T>
    } catch (error) {
      if (error instanceof Hopeless) throw error
      last = error
    }
    if (performance.now() > deadline) {
      const seen = last instanceof Error ? last.message : JSON.stringify(last)
      throw new Error(`not within ${ms} ms: ${look}; at last: ${seen}`)
    }
    await pause(POLL_INTERVAL_MS)
  }
}

/** For the rare test of something that must not happen. To wait for what will happen there is {@link until}. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
