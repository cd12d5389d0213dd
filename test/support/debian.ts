import { execFile } from 'node:child_process'
import fs from 'node:fs'
import { promisify } from 'node:util'

const TRIES = 3

/** Makes a fresh Debian of these packages by mmdebstrap, as a folder or a tar. It takes half a minute, and some 250 MB. */
export async function makeDebian(path: string, variant: 'apt' | 'minbase', packages: readonly string[]): Promise<void> {
  const words = [`--variant=${variant}`, `--include=${packages.join(',')}`, '--dpkgopt=force-unsafe-io', '--quiet']
  for (let tries = 1; ; tries++) {
    try {
      await promisify(execFile)('mmdebstrap', [...words, 'bookworm', path], { maxBuffer: 2 ** 26 })
      return
    } catch (error) {
      if (tries === TRIES) throw error // a mirror may be slow for a while
      fs.rmSync(path, { recursive: true, force: true })
    }
  }
}
