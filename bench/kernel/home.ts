import type { ChildProcess } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import net from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { untilAnswers } from './http.js'
import type { Scratch, Words } from './scratch.js'

/** The repository. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url))
/** The words that begin a command of this repository's program. */
export const CATALYST: Words = [process.execPath, join(ROOT, 'bin', 'run.js')]

/** The environment of what runs as a service: `bin/run.js` then loads the daemons without the command line. */
export const AS_SERVICE = { CATALYST_SERVICE: 'bench' }

/** Returns the path of a program that is only measured against. */
export function yardstick(name: string): string {
  return join(ROOT, 'bench', 'yardsticks', name)
}

const UP_MS = 60_000

/** A bot's module that does nothing. */
export const IDLE_MODULE = "export default { name: 'bench', cycle() {} }\n"

/** Writes a home's settings, and its module where that is given. */
export function writeHome(home: string, settings: Readonly<Record<string, string | number>>, module?: string): string {
  if (module !== undefined) writeFileSync(join(home, 'bot.mjs'), module)
  const all = module === undefined ? settings : { BOT_MODULE: 'bot.mjs', ...settings }
  writeFileSync(
    join(home, '.env'),
    Object.entries(all)
      .map(([name, value]) => `${name}=${value}\n`)
      .join(''),
  )
  return home
}

export interface BotState {
  readonly pid: number
  readonly endpoint?: { readonly port: number }
  readonly program?: { readonly pid: number }
}

/** Reads what a running bot says of itself. @throws where there is none */
export function botState(home: string): BotState {
  return JSON.parse(readFileSync(join(home, '.catalyst', 'state', 'bot.json'), 'utf8'))
}

/** Waits until something is so, or throws after a minute; it may throw while what it looks at isn't there. */
export async function waitUntil(what: string, isSo: () => unknown, ms = UP_MS): Promise<void> {
  const late = performance.now() + ms
  for (;;) {
    try {
      if (await isSo()) return
    } catch {}
    if (performance.now() > late) throw new Error(`waited in vain: ${what}`)
    await sleep(5)
  }
}

/** Starts a bot, and waits until it answers. */
export async function startBot(
  scratch: Scratch,
  home: string,
  { words = [], env = {} }: { words?: readonly string[]; env?: Readonly<Record<string, string>> } = {},
): Promise<{ readonly child: ChildProcess; readonly pid: number; readonly port: number }> {
  const child = scratch.start([...CATALYST, 'bot', 'start', ...words, '--home', home], { cwd: home, env })
  await waitUntil('a bot that is up', () => botState(home).endpoint)
  const port = botState(home).endpoint?.port as number
  await untilAnswers({ port, path: '/health/ping' })
  return { child, pid: botState(home).pid, port }
}

/** Returns ports that are free now, all of them open at once so that no two are the same. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => net.createServer().listen(0, '127.0.0.1'))
  await Promise.all(servers.map((server) => new Promise((resolve) => server.once('listening', resolve))))
  const ports = servers.map((server) => (server.address() as net.AddressInfo).port)
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  return ports
}
