import fs from 'node:fs'

const { openSync } = fs

/** Lets no new file be made in this process, as on a full disk, until the answer is called. */
export function fillDisk(): () => void {
  fs.openSync = (path, flags, mode) => {
    if (flags !== 'wx') return openSync(path, flags, mode)
    throw Object.assign(new Error('ENOSPC: no space left on device, open'), { code: 'ENOSPC' })
  }
  return () => {
    fs.openSync = openSync
  }
}
