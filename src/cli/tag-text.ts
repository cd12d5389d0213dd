import type { Tag } from '#core/deploy/refs.js'
import { harmless } from '#core/logging/plain.js'
import { table } from './table.js'

/** One line a tag. */
export function tagLines(tags: readonly Tag[]): string {
  if (tags.length === 0) return 'There is no tag yet. Make one: catalyst deploy tag v1.0.0'
  return table(tags.map(({ name, at, commit, subject }) => [name, dayOf(at), commit.slice(0, 8), harmless(subject)]))
}

function dayOf(at: number): string {
  return new Date(at).toISOString().slice(0, 16).replace('T', ' ')
}
