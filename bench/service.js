import { execFileSync } from 'node:child_process'
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { median } from './median.js'

const root = fileURLToPath(new URL('..', import.meta.url))
const script = join(root, 'test', 'labs', 'systemd-box')

/** A bot that is ready after 200 ms. */
const READY_MS = 200
/** It only answers ok, on the health endpoint that comes with it. */
const VERSION = (tag) => `// ${tag}
let isReady
export default { name: 'bench', async cycle() {
  isReady ??= new Promise((resolve) => setTimeout(resolve, ${READY_MS}))
  await isReady
} }
`
const PLAIN = "require('node:http').createServer((_, r) => r.end('ok')).listen(8201, '127.0.0.1')\n"
const PLAIN_UNIT = `[Unit]
StartLimitIntervalSec=0
[Service]
ExecStart=${process.execPath} /opt/box/plain.cjs
User=alice
Restart=always
RestartSec=100ms
`
const SETTINGS =
  'BOT_NAME=Bench\nBOT_MODULE=bot.mjs\nSERVICE_RESTART_DELAY=0.1\nHEALTH_CHECK_PORT=8202\nDEPLOY_SETTLE_SECONDS=0.2\n'
const CLI = '/opt/box/catalyst/bin/run.js'

/**
 * In a real systemd of its own: from `kill -9` to the next answer, against a hand-written unit whose bot is a bare
 * server, the quickest there can be; a rollback to its first healthy answer, against a bare stop and start; and
 * `service status`, without what systemd's own `systemctl show` takes, against `node -e 0`. Needs root.
 */
export function serviceBench() {
  const folder = mkdtempSync(join(tmpdir(), 'systemd-box-'))
  const share = join(folder, 'share')
  const env = { ...process.env, BOX_DIR: folder }
  const box = (...args) => execFileSync(script, args, { env, encoding: 'utf8', timeout: 120_000 })
  chmodSync(folder, 0o755)
  mkdirSync(join(share, 'home'), { recursive: true })
  for (const part of ['bin', 'dist', 'oclif.manifest.json', 'package.json'])
    cpSync(join(root, part), join(share, 'catalyst', part), { recursive: true })
  writeFileSync(join(share, 'home', '.env'), SETTINGS)
  const git = (...words) =>
    execFileSync('git', ['-c', 'user.name=B', '-c', 'user.email=b@example.com', ...words], { cwd: join(share, 'home') })
  git('init', '--quiet')
  for (const tag of ['v1', 'v2']) {
    writeFileSync(join(share, 'home', 'bot.mjs'), VERSION(tag))
    git('add', 'bot.mjs')
    git('commit', '--quiet', '--message', tag)
    git('tag', tag)
  }
  writeFileSync(join(share, 'plain.cjs'), PLAIN)
  writeFileSync(join(share, 'plain.service'), PLAIN_UNIT)
  cpSync(fileURLToPath(new URL('service-rounds.js', import.meta.url)), join(share, 'rounds.mjs'))
  try {
    box('start')
    const prepare = `useradd alice; chown -R alice: /opt/box/home; cp /opt/box/plain.service /etc/systemd/system/
      systemctl daemon-reload; systemctl start plain; ${process.execPath} ${CLI} service install --yes --home /opt/box/home`
    box('exec', 'bash', '-c', prepare)
    box('exec', process.execPath, '/opt/box/rounds.mjs', CLI)
    const { crashes, statuses, rollbacks } = JSON.parse(readFileSync(join(share, 'rounds.json'), 'utf8'))
    return [
      row('kill -9 to the next answer', 'hand-written unit', crashes, '<= 1.3'),
      row('rollback on disk, to the first healthy answer', 'systemctl stop + start', rollbacks, '<= 1.5'),
      overheadRow('what a rollback takes beyond that', rollbacks),
      row(
        'service status, beyond systemctl show',
        'node -e 0',
        statuses.map(([ours, node, systemctl]) => [ours - systemctl, node]),
        '<= 2.5',
      ),
    ]
  } finally {
    box('stop')
    rmSync(folder, { recursive: true, force: true })
  }
}

function row(name, yardstick, rounds, limit) {
  const [ours, theirs] = [0, 1].map((index) => median(rounds.map((round) => round[index])))
  return {
    name,
    value: `${ours.toFixed(0)} ms`,
    yardstick: `${yardstick}: ${theirs.toFixed(0)} ms`,
    ratio: median(rounds.map(([a, b]) => a / b)),
    limit,
  }
}

function overheadRow(name, rounds) {
  const ms = median(rounds.map(([ours, theirs]) => ours - theirs))
  return { name, value: `${ms.toFixed(0)} ms`, yardstick: '-', ratio: '-', limit: 'only shown' }
}
