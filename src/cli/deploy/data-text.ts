import { table } from '#cli/table.js'
import { releaseText } from '#core/deploy/run/result.js'
import type { DataRestored } from '#core/deploy/snapshots/restore-data.js'
import { harmless } from '#core/logging/read/plain.js'
import type { DataSince } from '#core/snapshots/since-snapshot.js'
import type { Snapshot } from '#core/snapshots/snapshots.js'
import { countOf, localTime, sizeText } from '#core/text.js'

/** Returns a table of snapshots. */
export function snapshotLines(snapshots: readonly Snapshot[]): string {
  if (snapshots.length === 0)
    return 'There is no snapshot yet. Deployments take them of what DEPLOY_SNAPSHOT names: catalyst config show'
  const rows = snapshots.map(({ id, release, bytes, paths, reason, files }) => [
    id,
    releaseText(release),
    sizeText(bytes),
    paths.join(','),
    [reason, ...files.flatMap(({ path, fault }) => (fault === undefined ? [] : [`${path} is damaged`]))].join('; '),
  ])
  return table(rows.map((row) => row.map(harmless)))
}

/** The number of tables and files that are named. */
const NAMED = 5

/** Describes what would be lost if a snapshot came back, in lines. */
export function sinceText({ snapshot, at, tables, files, bytes_then, bytes_now }: DataSince, now: number): string[] {
  const age = Math.max(0, now - at)
  const hours = age >= 3_600_000 ? `${Math.round(age / 3_600_000)} h` : `${Math.round(age / 60_000)} min`
  const rows = tables.slice(0, NAMED).map(({ file, table: name, rows_then: then, rows_now: today }) => {
    const difference = today - then
    return `${file}: ${name} ${difference > 0 ? `loses ${countOf(difference, 'row')}` : `gets ${countOf(-difference, 'row')} back`} (${today} → ${then})`
  })
  const others = tables.length > NAMED ? [`and ${countOf(tables.length - NAMED, 'more table')}`] : []
  const changed =
    files.length === 0
      ? 'no file has changed since'
      : `${countOf(files.length, 'file')} changed since: ${files.slice(0, NAMED).join(', ')}${files.length > NAMED ? ', …' : ''}`
  return [
    `snapshot ${snapshot}, of ${localTime(at)}, ${hours} ago; ${changed}`,
    `${sizeText(bytes_now)} today, ${sizeText(bytes_then)} then`,
    ...rows,
    ...others,
  ].map(harmless)
}

/** Describes what a restore of data has done, and how to undo it. */
export function dataRestoredText({ snapshot, undo, is_due }: DataRestored): string {
  const head = is_due
    ? `The data of ${snapshot} comes back at the next start of the bot: catalyst service start, or catalyst bot start`
    : `The data of ${snapshot} is back, and the bot was restarted on it: catalyst health check --wait 60`
  return `${head}\nWhat was there is kept. To get it back: catalyst deploy restore-data ${undo}`
}
