/**
 * A program that knows nothing of Catalyst. It runs all the same: its output goes into the log, it is started again
 * when it ends, and it counts as healthy while its process lives. That it may live and yet hang can't be noticed: for
 * that it would report its cycles, or have a health address (BOT_HEALTH_URL).
 *
 * In .env:
 *   BOT_COMMAND=node bot.mjs
 */
setInterval(() => console.log(`${new Date().toISOString()} INFO still here`), 5000)
console.log('INFO here')
