// Runs in the box of service.js: measures in turn, so that a drift of the machine's speed hits both.
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { appendFileSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'

const CRASHES = 15
const STATUSES = 15
const ROLLBACKS = 10
const [cli] = process.argv.slice(2)

function answers(port, path) {
  return new Promise((resolve) => {
    http
      .get({ host: '127.0.0.1', port, path, agent: false }, (response) =>
        response.resume().on('end', () => resolve(response.statusCode === 200)),
      )
      .on('error', () => resolve(false))
  })
}

async function crashMs(unit, port, path) {
  while (!(await answers(port, path)));
  await sleep(300) // it has settled
  const pid = Number(execFileSync('systemctl', ['show', '-P', 'MainPID', unit]))
  // as a drill does: else the starts after some crashes would wait
  const drill = { time: new Date().toISOString(), kind: 'drill', drill: 'crash' }
  appendFileSync('/opt/box/home/.catalyst/journal.jsonl', `${JSON.stringify(drill)}\n`)
  const began = performance.now()
  process.kill(pid, 'SIGKILL')
  while (await answers(port, path));
  while (!(await answers(port, path)));
  return performance.now() - began
}

function report() {
  return new Promise((resolve) => {
    http
      .get({ host: '127.0.0.1', port: 8202, path: '/health/detailed', agent: false }, (response) => {
        let text = ''
        response.setEncoding('utf8').on('data', (chunk) => {
          text += chunk
        })
        response.on('end', () => resolve(JSON.parse(text)))
      })
      .on('error', () => resolve({}))
  })
}

/** From the command to the first healthy answer of another process, as that release. */
async function untilHealthyMs(program, args, release) {
  const { pid: before } = await report()
  const began = performance.now()
  const command = spawn(program, args, { stdio: 'ignore' })
  const ended = new Promise((resolve) => command.once('exit', resolve))
  for (;;) {
    const { status, pid, release: found } = await report()
    if (status === 'healthy' && pid !== before && (release === undefined || found?.startsWith(release))) break
    await sleep(2)
  }
  const ms = performance.now() - began
  await ended
  return ms
}

function wallMs(program, args) {
  const began = performance.now()
  spawnSync(program, args, { stdio: 'ignore' })
  return performance.now() - began
}

const crashes = []
for (let round = 0; round < CRASHES; round++)
  crashes.push([await crashMs('Bench', 8202, '/health/ping'), await crashMs('plain', 8201, '/')])
const statuses = []
for (let round = 0; round < STATUSES; round++)
  statuses.push([
    wallMs(process.execPath, [cli, 'service', 'status', '--home', '/opt/box/home']),
    wallMs(process.execPath, ['-e', '0']),
    wallMs('systemctl', ['show', 'Bench']),
  ])
const rollbacks = []
for (const tag of ['v1', 'v2'])
  execFileSync(process.execPath, [cli, 'deploy', 'run', tag, '--yes', '--home', '/opt/box/home'])
for (let round = 0; round < ROLLBACKS; round++) {
  const tag = round % 2 === 0 ? 'v1' : 'v2'
  rollbacks.push([
    await untilHealthyMs(process.execPath, [cli, 'deploy', 'rollback', tag, '--yes', '--home', '/opt/box/home'], tag),
    await untilHealthyMs('sh', ['-c', 'systemctl stop Bench && systemctl start Bench']),
  ])
}
writeFileSync('/opt/box/rounds.json', JSON.stringify({ crashes, statuses, rollbacks }))
