/**
 * A program that knows nothing of Catalyst. It runs all the same: its output goes into the log, it is started again
 * when it ends, and it counts as healthy while its process lives. That it may live and yet hang can't be noticed: for
 * that it would need a proof, such as the line that it prints (BOT_LOG_PROOF): see docs/proof.md.
 *
 * In .env:
 *   BOT_COMMAND=node bot.mjs
 */
setInterval(() => console.log(`${new Date().toISOString()} INFO still here`), 5000)
console.log('INFO here')
