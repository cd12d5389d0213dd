// What the scripts that run in the box share. They are bundled, and run by a bare node.
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { appendFileSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Address, answers, untilAnswers } from '../kernel/http.js'

export const CLI = '/opt/box/catalyst/bin/run.js'
export const HOME = '/opt/box/home'
/** The port of our bot, as its settings have it. */
export const PORT = 8202

/** A freeze is only noticed in a bot that systemd knows to work: its start has a grace period of minutes. */
const SETTLED_MS = { SIGKILL: 300, SIGSTOP: 3000 }
const [rounds = '9'] = process.argv.slice(2)

export const ROUNDS = Number(rounds)

export function catalyst(...words: readonly string[]): void {
  execFileSync(process.execPath, [CLI, ...words, '--home', HOME], { stdio: 'ignore' })
}

/** Returns the time from a signal to the main process of a unit until another one answers, in ms. */
export async function backMs(unit: string, address: Address, signal: 'SIGKILL' | 'SIGSTOP'): Promise<number> {
  await untilAnswers(address)
  await sleep(SETTLED_MS[signal])
  const mainPid = () => Number(execFileSync('systemctl', ['show', '-P', 'MainPID', unit]))
  const pid = mainPid()
  // as a drill does: else the starts after some crashes would wait
  const drill = { time: new Date().toISOString(), kind: 'drill', drill: 'crash' }
  appendFileSync(`${HOME}/.catalyst/journal.jsonl`, `${JSON.stringify(drill)}\n`)
  const began = performance.now()
  process.kill(pid, signal)
  if (signal === 'SIGKILL') while (await answers(address));
  else while (isRunning(pid)) await sleep(2)
  await untilAnswers(address)
  const ms = performance.now() - began
  if (mainPid() === pid) throw new Error(`${unit} was not started again`)
  return ms
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

interface Report {
  readonly status?: string
  readonly pid?: number
  readonly release?: string | null
}

function report(): Promise<Report> {
  return new Promise((resolve) => {
    http
      .get({ host: '127.0.0.1', port: PORT, path: '/health/detailed', agent: false }, (response) => {
        let text = ''
        response.setEncoding('utf8').on('data', (chunk) => {
          text += chunk
        })
        response.on('end', () => resolve(JSON.parse(text)))
      })
      .on('error', () => resolve({}))
  })
}

/** Returns the time from a command to the first healthy answer of another process, as that release, in ms. */
export async function untilHealthyMs(program: string, args: readonly string[], release?: string): Promise<number> {
  const { pid: before } = await report()
  const began = performance.now()
  const command = spawn(program, args, { stdio: 'ignore' })
  const ended = new Promise<number | null>((resolve) => command.once('exit', resolve))
  for (;;) {
    const { status, pid, release: found } = await report()
    if (status === 'healthy' && pid !== before && (release === undefined || found?.startsWith(release))) break
    await sleep(2)
  }
  const ms = performance.now() - began
  const code = await ended
  if (code !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${code}`)
  return ms
}

export function wallMs(program: string, args: readonly string[]): number {
  const began = performance.now()
  const { status } = spawnSync(program, args, { stdio: 'ignore' })
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${status}`)
  return performance.now() - began
}

export function writeFigures(figures: object): void {
  writeFileSync('/opt/box/figures.json', JSON.stringify(figures))
}
