import { join } from 'node:path'
import { messageOf } from '#core/errors.js'
import { type Clock, every } from '#core/system/clock.js'
import { cutFile } from '#core/system/cut-file.js'
import { listFolder, removeFile } from '#core/system/files.js'
import { isExpired, rotatedName, timeToRotate } from './rotated-name.js'
import { ROTATE_BYTES, TIDY_MS, tidyRotated } from './tidy-rotated.js'

interface ServiceLog {
  /** The number of our stream that goes there. */
  readonly descriptor: 1 | 2
  readonly name: string
}

/** Where our output and errors really go, by the numbers of the streams: to themselves, or to what stands for them. */
export type Descriptors = Readonly<Record<1 | 2, number>>

/** What a service manager appends the standard output and error of a service to. */
export function serviceLogs(role: 'bot' | 'watchdog'): readonly [ServiceLog, ServiceLog] {
  const stem = role === 'bot' ? 'service' : 'service_watchdog'
  return [
    { descriptor: 1, name: `${stem}_stdout.log` },
    { descriptor: 2, name: `${stem}_stderr.log` },
  ]
}

export interface ServiceLogsOptions {
  readonly role: 'bot' | 'watchdog'
  readonly folder: string
  /** How long what was cut off stays. */
  readonly days: number
  readonly onFault: (why: string) => void
  readonly descriptors?: Descriptors
  readonly limitBytes?: number
}

/**
 * Keeps the logs of a service manager short, from now on and hourly: systemd and launchd append for ever. (NSSM rotates
 * them itself, but never removes what it rotated.) The answer ends it.
 */
export function keepServiceLogsShort(clock: Clock, options: ServiceLogsOptions): () => void {
  const look = async () => {
    for (const log of serviceLogs(options.role)) {
      try {
        cut(clock, options, log)
        removeNssmRotated(clock, options, log.name)
        await tidyRotated({ folder: options.folder, name: log.name, days: options.days }, clock.now())
      } catch (error) {
        options.onFault(`${log.name} can't be kept short: ${messageOf(error)}`)
      }
    }
  }
  void look()
  return every(clock, TIDY_MS, look)
}

function cut(
  clock: Clock,
  { folder, limitBytes = ROTATE_BYTES, descriptors = { 1: 1, 2: 2 } }: ServiceLogsOptions,
  log: ServiceLog,
): void {
  cutFile(descriptors[log.descriptor], join(folder, log.name), limitBytes, () =>
    join(folder, rotatedName(log.name, timeToRotate(log.name, listFolder(folder), clock.now()), 0)),
  )
}

/** NSSM's names for what it has rotated: `service_stdout-20261124T030000.123.log`, in UTC. */
const NSSM_STAMP = /-(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)\.\d{3}\.log$/

function removeNssmRotated(clock: Clock, { folder, days }: ServiceLogsOptions, name: string): void {
  const stem = name.replace(/\.log$/, '')
  for (const file of listFolder(folder)) {
    const match = file.startsWith(`${stem}-`) ? NSSM_STAMP.exec(file) : null
    if (match === null) continue
    const [, year, month, day, hour, minute, second] = match
    const time = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
    if (isExpired(time, days, clock.now())) removeFile(join(folder, file))
  }
}
