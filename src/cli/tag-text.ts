import type { TaggedVersion } from '#core/deploy/list-versions.js'
import { harmless } from '#core/logging/plain.js'
import { localTime } from '#core/text.js'
import { table } from './table.js'

/** One line a tag. */
export function tagLines(tags: readonly TaggedVersion[]): string {
  if (tags.length === 0) return 'There is no tag yet. Make one: catalyst deploy tag v1.0.0'
  return table(
    tags.map(({ name, at, commit, subject, verdict, on_disk, active }) => [
      harmless(name),
      localTime(at),
      commit.slice(0, 8),
      verdict,
      active ? 'active' : on_disk ? 'on disk' : '-',
      harmless(subject),
    ]),
  )
}
