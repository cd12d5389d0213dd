import { join } from 'node:path'
import { messageOf } from '#core/errors.js'
import { beyondRetention, type Retention } from '#core/logging/write/retention.js'
import { ROTATE_BYTES, TIDY_MS, tidyRotated } from '#core/logging/write/tidy-rotated.js'
import { type Clock, every } from '#core/platform/clock.js'
import { cutFile } from '#core/platform/fs/cut-file.js'
import { listFolder, sizeOf } from '#core/platform/fs/files.js'
import { removeFile } from '#core/platform/fs/write-files.js'
import { rotatedName, timeToRotate } from './rotated-name.js'

interface ServiceLog {
  /** The number of our stream that goes there. */
  readonly descriptor: 1 | 2
  readonly name: string
}

/**
 * The descriptors that our output and errors really go to, by the numbers of the streams: themselves, or their
 * replacements.
 */
export type Descriptors = Readonly<Record<1 | 2, number>>

/** Returns the files to which a service manager appends the standard output and error of a service. */
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
  /** The limit for what was rotated away. */
  readonly retention: Retention
  readonly onFault: (why: string) => void
  readonly descriptors?: Descriptors
  readonly limitBytes?: number
}

/** The interval of checking a log's length: a flood brings megabytes a second. */
const LENGTH_INTERVAL_MS = 10_000

/**
 * Keeps the logs of a service manager short, from now on: systemd and launchd append for ever. (NSSM rotates them
 * itself, but never removes rotated files.) The returned function stops it.
 */
export function keepServiceLogsShort(clock: Clock, options: ServiceLogsOptions): () => void {
  const forEach = (work: (log: ServiceLog) => Promise<void>) => async () => {
    for (const log of serviceLogs(options.role)) {
      try {
        await work(log)
      } catch (error) {
        options.onFault(`${log.name} can't be kept short: ${messageOf(error)}`)
      }
    }
  }
  const tidyNow = forEach(async (log) => {
    cut(clock, options, log)
    await tidy(clock, options, log)
  })
  void tidyNow()
  const stops = [
    every(clock, TIDY_MS, tidyNow),
    every(
      clock,
      LENGTH_INTERVAL_MS,
      forEach(async (log) => {
        if (cut(clock, options, log)) await tidy(clock, options, log)
      }),
    ),
  ]
  return () => {
    for (const stop of stops) stop()
  }
}

async function tidy(clock: Clock, options: ServiceLogsOptions, { name }: ServiceLog): Promise<void> {
  const { folder, retention } = options
  removeNssmRotated(clock, options, name)
  await tidyRotated({ folder, name, retention }, clock.now())
}

/** Rotates a log if it is too long, and returns whether it was. */
function cut(
  clock: Clock,
  { folder, limitBytes = ROTATE_BYTES, descriptors = { 1: 1, 2: 2 } }: ServiceLogsOptions,
  log: ServiceLog,
): boolean {
  return cutFile(descriptors[log.descriptor], join(folder, log.name), limitBytes, () =>
    join(folder, rotatedName(log.name, timeToRotate(log.name, listFolder(folder), clock.now()), 0)),
  )
}

/** The names of files that NSSM has rotated: `service_stdout-20261124T030000.123.log`, in UTC. */
const NSSM_STAMP = /-(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)\.\d{3}\.log$/

function removeNssmRotated(clock: Clock, { folder, retention }: ServiceLogsOptions, name: string): void {
  const stem = name.replace(/\.log$/, '')
  const rotated = listFolder(folder).flatMap((file) => {
    const match = file.startsWith(`${stem}-`) ? NSSM_STAMP.exec(file) : null
    if (match === null) return []
    const [, year, month, day, hour, minute, second] = match
    const path = join(folder, file)
    return { path, rotatedMs: Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`), bytes: sizeOf(path) }
  })
  for (const { path } of beyondRetention(rotated, retention, clock.now())) removeFile(path)
}
