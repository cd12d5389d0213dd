/** Names that Windows reserves for devices, whatever follows after a dot. */
const DEVICE = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i
const MAX_TAG_LENGTH = 60

/**
 * Returns the folder name of a release: `v1.2.0-1a2b3c4d`; without a tag `commit-1a2b3c4d`. A file name on every
 * platform.
 */
export function releaseName(tag: string | null, commit: string): string {
  const plain = (tag ?? 'commit').replace(/[^\w.+-]/g, '_').slice(0, MAX_TAG_LENGTH)
  const safe = /^[.-]/.test(plain) || DEVICE.test(plain) ? `_${plain}` : plain
  return `${safe}-${commit.slice(0, 8)}`
}

/** The number at the end of a release's name that was built beside another one of its commit. */
const NUMBER = /(?<=-[0-9a-f]{8})-\d+$/

/**
 * Returns the name of a release that is built beside others of its commit: without a number, or with the next free one,
 * as in `v1.2.0-1a2b3c4d-2`.
 */
export function freeName(name: string, taken: readonly string[]): string {
  const plain = name.replace(NUMBER, '')
  if (!taken.includes(plain)) return plain
  let number = 2
  while (taken.includes(`${plain}-${number}`)) number++
  return `${plain}-${number}`
}

/** Returns the name of an operation, such as `deployment of v1.2.3`, `rollback to v1.2.2`, `repair of v1.2.3`. */
export function operationName({ what, target }: { what: string; target: Parameters<typeof versionName>[0] }): string {
  return `${what} ${what === 'rollback' ? 'to' : 'of'} ${versionName(target)}`
}

/** Returns the name of a version for people: its tag, else its commit's first digits. */
export function versionName({ tag, commit }: { readonly tag: string | null; readonly commit: string }): string {
  return tag ?? commit.slice(0, 8)
}
