import { table } from '#cli/table.js'
import type { TaggedVersion } from '#core/deploy/releases/list-versions.js'
import { harmless } from '#core/logging/read/plain.js'
import { countOf, localTime } from '#core/text.js'

/** Returns a line for each tag. */
export function tagLines(tags: readonly TaggedVersion[]): string {
  if (tags.length === 0) return 'There is no tag yet. Make one: catalyst deploy tag v1.0.0'
  const someExited = tags.some((tag) => tag.unexpected_ends > 0)
  return table(
    tags.map(({ name, at, commit, subject, rating, left, unexpected_ends, on_disk, active, bakes_until }) => [
      harmless(name),
      localTime(at),
      commit.slice(0, 8),
      rating + (left ? ', left' : ''),
      active ? activeText(bakes_until) : on_disk ? 'on disk' : '-',
      ...(someExited ? [unexpected_ends > 0 ? countOf(unexpected_ends, 'unexpected exit') : '-'] : []),
      harmless(subject),
    ]),
  )
}

function activeText(bakesUntil: string | null): string {
  return bakesUntil === null ? 'active' : `active (bakes until ${localTime(bakesUntil)})`
}
