/** The part of a heap snapshot that is read here (V8's own format). */
interface Snapshot {
  readonly snapshot: {
    readonly meta: { readonly node_fields: readonly string[]; readonly node_types: readonly unknown[] }
  }
  readonly nodes: readonly number[]
  readonly strings: readonly string[]
}

interface Tally {
  count: number
  bytes: number
}

const MOST_LINES = 12

/** Returns what a later heap snapshot has more of than an earlier one, by class or type, the most first; one line each. */
export function grownClasses(before: string, after: string): string[] {
  const [earlier, later] = [tally(JSON.parse(before)), tally(JSON.parse(after))]
  return [...later]
    .map(([name, { count, bytes }]) => {
      const was = earlier.get(name)
      return { name, count: count - (was?.count ?? 0), bytes: bytes - (was?.bytes ?? 0) }
    })
    .filter(({ bytes }) => bytes > 0)
    .sort((a, b) => b.bytes - a.bytes)
    .slice(0, MOST_LINES)
    .map(({ name, count, bytes }) => `${name}: ${count >= 0 ? '+' : ''}${count}, +${(bytes / 1024).toFixed(1)} KB`)
}

/** Counts objects by their class; all else, such as strings and code, by its type. */
function tally({ snapshot, nodes, strings }: Snapshot): Map<string, Tally> {
  const { node_fields: fields, node_types: types } = snapshot.meta
  const [type, name, size] = ['type', 'name', 'self_size'].map((field) => fields.indexOf(field)) as [
    number,
    number,
    number,
  ]
  const typeNames = types[type] as readonly string[]
  const tallies = new Map<string, Tally>()
  for (let at = 0; at < nodes.length; at += fields.length) {
    const typeName = typeNames[nodes[at + type] as number] as string
    const key =
      typeName === 'object' || typeName === 'closure' ? `${typeName} ${strings[nodes[at + name] as number]}` : typeName
    const one = tallies.get(key) ?? { count: 0, bytes: 0 }
    one.count++
    one.bytes += nodes[at + size] as number
    tallies.set(key, one)
  }
  return tallies
}
