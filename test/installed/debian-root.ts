/** A Debian without node, npm and git. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const PACKAGES = ['systemd', 'systemd-sysv', 'dbus', 'libpam-systemd', 'python3', 'pipx', 'libatomic1']

/** Makes the root of a fresh Debian at `folder`, by mmdebstrap. It takes half a minute, and some 260 MB. */
export async function makeDebianRoot(folder: string): Promise<void> {
  const args = ['--variant=minbase', `--include=${PACKAGES.join(',')}`, '--quiet', 'bookworm', folder]
  await promisify(execFile)('mmdebstrap', args, { maxBuffer: 2 ** 26 })
}
