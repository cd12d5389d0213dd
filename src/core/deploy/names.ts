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

/** Returns the name of a deployment or a rollback, such as `deployment of v1.2.3`, `rollback to v1.2.2`. */
export function operationName({ what, target }: { what: string; target: Parameters<typeof versionName>[0] }): string {
  return `${what} ${what === 'rollback' ? 'to' : 'of'} ${versionName(target)}`
}

/** Returns the name of a version for people: its tag, else its commit's first digits. */
export function versionName({ tag, commit }: { readonly tag: string | null; readonly commit: string }): string {
  return tag ?? commit.slice(0, 8)
}
