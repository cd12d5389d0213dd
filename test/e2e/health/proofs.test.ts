import { spawnSync } from 'node:child_process'
import { expect } from 'chai'
import { endToEnd } from '../../support/e2e/end-to-end.js'
import { freePort } from '../../support/e2e/server.js'
import { until } from '../../support/e2e/until.js'

/** The tests that need Python; Windows has none under this name. */
const withPython = spawnSync('python3', ['--version']).status === 0 ? it : () => {}

/** Its main thread stamps a time until the file `hang` is there; a thread of its own answers 200 for ever. */
const HANGS = `
import json, os, threading, time
from http.server import BaseHTTPRequestHandler, HTTPServer

stamp = time.time()

class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        body = json.dumps({"bot": {"last_process_ts": stamp}}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *words):
        pass

server = HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
while not os.path.exists("hang"):
    time.sleep(0.05)
    stamp = time.time()
threading.Event().wait()
`

/** Says, writes and is well, until the file `hang` is there. */
const WORKS = `
import fs from 'node:fs'
console.log('order rejected')
setInterval(() => {
  if (fs.existsSync('hang')) return
  console.log('INFO - Bot heartbeat. PID=' + process.pid)
  fs.writeFileSync('data/beat', String(Date.now()))
}, 100)`

const QUICK = { BOT_CYCLE_SECONDS: '0.2', WATCHDOG_FREEZE_THRESHOLD: '1.5' }

describe('e2e: the proof of a bot that knows nothing of Catalyst', () => {
  const { home: emptyHome, programHome, serve } = endToEnd()

  withPython(
    'by a value that changes: a main thread that hangs is seen, though another thread answers 200',
    async () => {
      const port = await freePort()
      const home = emptyHome({
        ...QUICK,
        BOT_COMMAND: 'python3 bot.py',
        BOT_HEALTH_URL: `http://127.0.0.1:${port}/`,
        BOT_HEALTH_FRESH: '.bot.last_process_ts',
        PORT: String(port),
      })
      home.write('bot.py', HANGS)
      await home.started()
      expect(await home.status('healthy')).to.include({ proof: 'url' })
      home.write('hang', '')
      const { reasons } = await home.status('unhealthy')
      expect(reasons[0]).to.match(/^no cycle for .*: the value of \.bot\.last_process_ts has not changed$/)
      expect((await home.catalyst(['health', 'check'])).code).to.equal(2)
    },
  )

  it('by the lines that it prints, and by a file that it writes; the stale one is named', async () => {
    const home = programHome(WORKS, {
      ...QUICK,
      BOT_LOG_PROOF: 'Bot heartbeat',
      BOT_PROOF_FILE: 'data/beat',
    })
    home.write('data/beat', 'of an earlier run')
    await home.started()
    const report = await home.status('healthy')
    expect(report).to.include({ proof: 'log,file' })
    expect(report.total_cycles).to.be.greaterThan(1)
    home.write('hang', '')
    const { reasons } = await home.status('unhealthy')
    expect(reasons.join('\n')).to.match(/no proof by (log|file) for /)
    await until(async () => (await home.health()).reasons.length === 2)
    const { reasons: both } = await home.health()
    expect(both[0]).to.match(/^no proof by log for [^:]*$/)
    expect(both[1]).to.match(/^no proof by file for .*: BOT_PROOF_FILE has not been written$/)
  })

  it('by a command, whose last line is the reason', async () => {
    const home = programHome(WORKS, {
      ...QUICK,
      BOT_HEALTH_COMMAND: `"${process.execPath}" check.mjs`,
      BOT_LOG_ERROR: 'order (rejected|lost)',
    })
    home.write('data/x', '')
    home.write(
      'check.mjs',
      `import fs from 'node:fs'
       if (fs.existsSync('hang')) { console.log('queue is stuck'); process.exit(2) }`,
    )
    await home.started()
    expect(await home.status('healthy')).to.include({ proof: 'command' })
    expect((await home.health()).errors_last_hour).to.equal(1)
    home.write('hang', '')
    const { reasons } = await home.status('unhealthy')
    expect(reasons[0]).to.match(/^no proof by command for .*: exit code 2: queue is stuck$/)
  })

  it('by Telegram: updates that nobody fetches are seen once they have waited, and the token is nowhere', async () => {
    const { url } = await serve(({ url: path }, response) =>
      response.end(
        path === '/bot123456:swordfish-1/getWebhookInfo' ? '{"ok":true,"result":{"pending_update_count":2}}' : '',
      ),
    )
    const home = programHome('setInterval(() => {}, 1000)', {
      BOT_START_TIMEOUT: '3',
      BOT_TELEGRAM_TOKEN: '123456:swordfish-1',
      BOT_TELEGRAM_API: url,
    })
    const bot = await home.started()
    await until(async () => (await home.health()).reasons.join().includes('2 updates wait'))
    const report = await home.status('degraded')
    expect(report).to.include({ proof: 'telegram' })
    for (const text of [JSON.stringify(report), bot.output, home.read('data/logs/bot.jsonl')])
      expect(text).to.not.include('swordfish')
    expect((await home.catalyst(['config', 'show'])).stdout).to.not.include('swordfish')
  })

  it('by a wrong pattern is refused, and the bot is not started', async () => {
    const home = programHome(WORKS, { BOT_LOG_PROOF: '(heartbeat' })
    const { code, stderr } = await home.start().result()
    expect(code).to.equal(78)
    expect(stderr).to.include('BOT_LOG_PROOF is no pattern that RE2 understands: missing closing )')
    expect(home.read('data/logs/bot.jsonl')).to.not.include('order rejected')
  })
})
