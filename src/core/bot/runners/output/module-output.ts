import type { Clock } from '#core/platform/clock.js'
import { captureOutput } from '#core/platform/output/capture-output.js'
import { LineSplitter } from '#core/platform/process/lines.js'
import type { LoggedOutput } from './log-output.js'
import { EntryReader } from './read-output.js'

const LINE_END = '\n'.charCodeAt(0)

/** Takes what a module prints into the bot's log, until the returned function is called. */
export function takeModuleOutput(clock: Clock, output: LoggedOutput): () => void {
  const ends = (['stdout', 'stderr'] as const).map((name) => {
    const reader = new EntryReader(clock, name, output.take)
    const splitter = new LineSplitter((line) => reader.push(line))
    const restore = captureOutput(process[name], (chunk) => {
      splitter.push(chunk)
      // an error and its stack are printed at once; the process may end, or its event loop block, right after
      if (chunk.at(-1) === LINE_END) reader.flush()
    })
    return () => {
      restore()
      splitter.end()
      reader.flush()
    }
  })
  const end = () => {
    process.off('exit', end)
    for (const one of ends.splice(0)) one()
  }
  process.prependListener('exit', end) // before the exit is written down
  return end
}
