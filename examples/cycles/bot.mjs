/**
 * A bot whose work comes in rounds: it watches the free space of the disk that holds its data, and alerts once each
 * time it runs low. Catalyst calls `cycle` again and again; a round that ends is the proof that the bot works, one
 * that throws is counted as an error and tried again later.
 *
 * In .env:
 *   BOT_MODULE=bot.mjs
 *   BOT_CYCLE_SECONDS=30
 *   DISK_LEAST_FREE_GB=5
 *
 * Without Catalyst: node bot.mjs
 */
import { realpathSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'

let low = false

const bot = {
  name: 'disk-watch',

  async cycle(ctx) {
    const leastGb = Number(ctx.settings.DISK_LEAST_FREE_GB ?? 5)
    if (Number.isNaN(leastGb)) throw new Error('DISK_LEAST_FREE_GB must be a number')
    const { bavail, bsize } = await statfs(ctx.dataFolder)
    const freeGb = (bavail * bsize) / 1e9
    const text = `${freeGb.toFixed(1)} GB free`
    ctx.log.info(text)
    // an alert when it gets low, not one in every round
    if (freeGb < leastGb && !low) {
      ctx.log.warn(`the disk is nearly full: ${text}`)
      ctx.recordAlert(`the disk is nearly full: ${text}`)
    }
    low = freeGb < leastGb
  },
}

export default bot

if (process.argv[1] && import.meta.url === pathToFileURL(realpathSync(process.argv[1])).href) {
  const ctx = {
    log: console,
    settings: process.env,
    dataFolder: '.',
    recordAlert: (text) => console.log(`ALERT: ${text}`),
  }
  for (;;) {
    await bot.cycle(ctx)
    await pause(Number(process.env.BOT_CYCLE_SECONDS ?? 30) * 1000)
  }
}
