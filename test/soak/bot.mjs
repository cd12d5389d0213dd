// The bot of a soak: it logs numbered lines at a steady rate, and says in a file how many it has handed over.
import fs from 'node:fs'

const control = process.env.SOAK_CONTROL
const rate = Number(process.env.SOAK_LINES_PER_SECOND)
const tickSeconds = Number(process.env.SOAK_TICK_SECONDS)
const cycleSeconds = 30
const run = `${process.pid}-${Math.round(performance.timeOrigin)}`
const filler = 'the price moved, and nothing was done about it; '.repeat(2)

let lines = 0
/** Lines that were handed over at the last note: their thread has had time to write them by the next. */
let noted = 0
let stop

function log(ctx, seconds) {
  for (const until = Math.floor(seconds * rate); lines < until; lines++)
    ctx.log.info({ n: lines }, `${filler}line ${run} ${lines};`)
}

/** Replaces the note in one step: the bot may be killed at any time. */
function note(sure) {
  fs.writeFileSync(`${control}/${run}.tmp`, JSON.stringify({ run, sure }))
  fs.renameSync(`${control}/${run}.tmp`, `${control}/${run}.lines.json`)
}

function obey() {
  try {
    fs.unlinkSync(`${control}/order-exit`)
    process.exit(3)
  } catch {}
  try {
    fs.unlinkSync(`${control}/order-block`)
  } catch {
    return
  }
  for (;;);
}

export default {
  name: 'soak',
  async start(ctx) {
    const began = performance.now()
    const passed = () => (performance.now() - began) / 1000
    let ticks = 0
    let cycleAt = 0
    const timer = setInterval(() => {
      log(ctx, passed())
      if (++ticks % 20 === 0) {
        note(noted)
        noted = lines
      }
      obey()
      if (passed() < cycleAt) return
      cycleAt = passed() + cycleSeconds
      ctx.recordCycle()
    }, tickSeconds * 1000)
    stop = () => {
      clearInterval(timer)
      note(lines)
    }
  },
  stop: () => stop(),
}
