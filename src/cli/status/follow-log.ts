import { messageOf } from '#core/errors.js'
import { homePaths } from '#core/home/home-paths.js'
import { coloredLine } from '#core/logging/read/plain.js'
import { type Clock, sleep } from '#core/platform/clock.js'
import { isForAnother, ownerOf } from '#core/platform/process/users.js'
import type { ScreenLine } from './status-text.js'

/** The lines that are kept for the screen, and of them those that are read at first. */
const LINES_KEPT = 500
const LINES_FIRST = 200
/** The time in which new lines are gathered before they are drawn. */
const DRAW_MS = 50

/** The log of a home while it is shown. */
export interface FollowedLog {
  /** Returns the newest lines, as many as there is room for. */
  newest(rows: number): readonly ScreenLine[]
  close(): void
}

/** Reads the log of a home as it comes. `redraw` is called once there are new lines, and not for each of them. */
export function followLog(clock: Clock, home: string, redraw: () => void): FollowedLog {
  const end = new AbortController()
  let lines: ScreenLine[] = []
  let isDrawDue = false
  const drawSoon = async () => {
    if (isDrawDue) return
    isDrawDue = true
    await sleep(clock, DRAW_MS)
    isDrawDue = false
    if (!end.signal.aborted) redraw()
  }
  const add = (line: ScreenLine) => {
    if (end.signal.aborted) return
    lines.push(line)
    if (lines.length > 2 * LINES_KEPT) lines = lines.slice(-LINES_KEPT)
    void drawSoon()
  }
  void readInto(clock, home, { add, end: end.signal })
  return { newest: (rows) => lines.slice(-rows), close: () => end.abort() }
}

/** Hands on each line until the signal aborts; why they can't be read is a line, too. */
async function readInto(
  clock: Clock,
  home: string,
  { add, end }: { add: (line: ScreenLine) => void; end: AbortSignal },
): Promise<void> {
  try {
    if (isForAnother(ownerOf(home))) throw new Error(`only its owner's own commands read the logs of ${home}`)
    const { showLogs } = await import('#core/logging/read/show-logs.js')
    const lines = showLogs(clock, {
      folders: [{ folder: homePaths(home).logs }],
      query: { level: 0, sinceMs: 0, grep: undefined },
      newest: LINES_FIRST,
      followUntil: end,
      onUnreadable: (path, error) => add({ text: `${path} can't be read: ${messageOf(error)}`, color: 'red' }),
    })
    for await (const { text: json } of lines) {
      const { text, color } = coloredLine(json)
      for (const part of text.split('\n')) add({ text: part, color })
    }
  } catch (error) {
    add({ text: messageOf(error), color: 'red' })
  }
}
