import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** Returns the time that all files get: SOURCE_DATE_EPOCH (https://reproducible-builds.org/specs/source-date-epoch), or the last commit's. */
export function buildTime() {
  const { SOURCE_DATE_EPOCH } = process.env
  if (SOURCE_DATE_EPOCH !== undefined) return ofSeconds(SOURCE_DATE_EPOCH, 'SOURCE_DATE_EPOCH')
  const cwd = fileURLToPath(new URL('../..', import.meta.url))
  const { status, stdout } = spawnSync('git', ['log', '-1', '--format=%ct'], { cwd, encoding: 'utf8' })
  if (status !== 0) throw new Error('there is no commit to take the time from: set SOURCE_DATE_EPOCH')
  return ofSeconds(stdout.trim(), 'the time of the last commit')
}

function ofSeconds(text, what) {
  if (!/^\d{1,11}$/.test(text)) throw new Error(`${what} is no number of seconds: ${JSON.stringify(text)}`)
  return new Date(Number(text) * 1000)
}
