import { kindAt, linkText } from './fs/links.js'
import { readIfAllowed } from './process/linux/proc.js'
import { run } from './process/processes.js'
import { systemProgram } from './windows/windows.js'

/** What a machine tells about its sleep; undefined where it doesn't. */
export interface Sleep {
  /** The time without a user after which it goes to sleep, on mains power; 0: never. */
  readonly sleepsAfterMs?: number | undefined
  /** The number of times that it has slept since it was booted. */
  readonly times?: number | undefined
}

const QUERY_MS = 3000
const SECOND_MS = 1000
const MINUTE_MS = 60 * SECOND_MS

/** Linux's count of suspensions since the boot (Documentation/ABI/testing/sysfs-power of the kernel). */
const SUSPENDED = '/sys/power/suspend_stats/success'

const MASK = '/etc/systemd/system/sleep.target'

/** Reads what this machine tells about its sleep. */
export async function readSleep(platform: NodeJS.Platform): Promise<Sleep> {
  switch (platform) {
    case 'linux':
      return { times: isMasked() ? 0 : timesIn(readIfAllowed(SUSPENDED)) }
    case 'darwin':
      return { sleepsAfterMs: sleepByPmset((await run('pmset', ['-g'], { timeoutMs: QUERY_MS })).stdout) }
    case 'win32': {
      const words = ['/query', 'SCHEME_CURRENT', 'SUB_SLEEP', 'STANDBYIDLE']
      return {
        sleepsAfterMs: sleepByPowercfg(
          (await run(systemProgram('powercfg.exe'), words, { timeoutMs: QUERY_MS })).stdout,
        ),
      }
    }
    default:
      return {}
  }
}

/** Returns whether somebody has forbidden it since (systemctl(1), mask). */
function isMasked(): boolean {
  return kindAt(MASK) === 'link' && linkText(MASK) === '/dev/null'
}

function timesIn(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+\s*$/.test(text) ? Number(text) : undefined
}

/** Reads `pmset -g`: ` sleep                10 (sleep prevented by …)`, in minutes (pmset(1)). */
export function sleepByPmset(output: string): number | undefined {
  const minutes = /^\s*sleep\s+(\d+)/m.exec(output)?.[1]
  return minutes === undefined ? undefined : Number(minutes) * MINUTE_MS
}

/**
 * Reads `powercfg /query`, whose words differ by language: the last two numbers are the seconds on mains power and on
 * the battery.
 */
export function sleepByPowercfg(output: string): number | undefined {
  const seconds = [...output.matchAll(/:\s*0x([0-9a-f]{8})\s*$/gim)].at(-2)?.[1]
  return seconds === undefined ? undefined : Number.parseInt(seconds, 16) * SECOND_MS
}
