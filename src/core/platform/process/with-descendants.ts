/** Returns those of these processes that are the roots, or descend from them. */
export function withDescendants<T extends { readonly pid: number; readonly parent: number }>(
  processes: readonly T[],
  roots: readonly number[],
): T[] {
  const found = new Set(roots)
  for (let before = -1; before !== found.size; ) {
    before = found.size
    for (const { pid, parent } of processes) if (found.has(parent)) found.add(pid)
  }
  return processes.filter(({ pid }) => found.has(pid))
}
