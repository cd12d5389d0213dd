// Runs in the box of service.js: measures in turn, so that a drift of the machine's speed hits both.
import { execFileSync, spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import http from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'

const CRASHES = 15
const STATUSES = 15
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
  const began = performance.now()
  process.kill(pid, 'SIGKILL')
  while (await answers(port, path));
  while (!(await answers(port, path)));
  return performance.now() - began
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
    wallMs(process.execPath, ['-e', '0']) + wallMs('systemctl', ['show', 'Bench']),
  ])
writeFileSync('/opt/box/rounds.json', JSON.stringify({ crashes, statuses }))
