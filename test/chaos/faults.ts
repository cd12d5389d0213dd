import fs from 'node:fs'
import net from 'node:net'
import { dirname, join } from 'node:path'
import { readBotFile } from '#core/home/bot-file.js'
import { pause, until } from '../support/e2e/until.js'
import type { Random } from './random.js'
import type { Site } from './site.js'

/** What must be true after a fault, once the bot works again. */
interface Expected {
  /** Whether the bot was away or did not work, so that an incident must tell of it. */
  readonly isOutage: boolean
  /** The version that must be active then, where that is sure. */
  readonly active?: string | null | undefined
}

export interface Fault {
  readonly name: string
  readonly weight: number
  fits(site: Site): boolean
  run(site: Site, random: Random): Promise<Expected>
}

const OUTAGE: Expected = { isOutage: true }
const NONE: Expected = { isOutage: false }

const everywhere = () => true
const keptByWatchdog = ({ access }: Site) => access.supervisor === 'watchdog'
const keptByService = ({ access }: Site) => access.supervisor === 'service'

/** All that happens to the homes. */
export const FAULTS: readonly Fault[] = [
  fault('the bot is killed', 6, everywhere, async (site) => {
    await killBot(site)
    return OUTAGE
  }),
  fault("the bot's worker is killed", 3, everywhere, async (site) => {
    site.kills.push(site.access.now())
    await site.access.signal(site.workerPid(), 'SIGKILL')
    return OUTAGE
  }),
  ...(['exit', 'throw', 'hang', 'block'] as const).map((order) =>
    fault(`the bot is told to ${order}`, 2, everywhere, async (site) => {
      site.kills.push(site.access.now()) // one that hangs is killed in the end
      site.order(order)
      await until(() => !fs.existsSync(join(site.access.control, order)))
      return OUTAGE
    }),
  ),
  fault('the bot stands still', 2, everywhere, async (site) => {
    site.kills.push(site.access.now())
    await site.access.signal(site.workerPid(), 'SIGSTOP')
    return OUTAGE
  }),
  fault('the watchdog is killed', 3, everywhere, async (site, random) => {
    await killWatchdog(site)
    await pause(random.between(0, 2000))
    await site.access.startWatchdog()
    return NONE
  }),
  fault('watchdog and bot are killed', 3, everywhere, async (site, random) => {
    const both = [() => killWatchdog(site), () => killBot(site)]
    for (const kill of random.isLucky(0.5) ? both : both.reverse()) {
      await kill()
      await pause(random.between(0, 200))
    }
    await pause(random.between(0, 1000))
    await site.access.startWatchdog()
    return OUTAGE
  }),
  fault('half-open requests', 2, everywhere, async (site, random) => {
    await storm(site, random.between(3000, 8000))
    return NONE
  }),
  fault('a person restarts the service', 2, keptByService, async (site) => {
    await succeeds(site, 'service', 'restart')
    return NONE
  }),
  fault('a person stops the service, and starts it', 2, keptByService, async (site, random) => {
    await succeeds(site, 'service', 'stop')
    const before = site.access.now()
    await pause(random.between(0, 5000))
    if (site.incidentsSince(before).length > 0) throw new Error('a bot that was stopped on purpose is no incident')
    await succeeds(site, 'service', 'start')
    return NONE
  }),
  fault('the power is cut', 2, hasOwnMachine, async (site) => {
    await cutPower(site)
    return OUTAGE
  }),
  fault('a version is deployed, and the power is cut', 2, hasOwnMachine, (site, random) =>
    ship(site, random, ['power']),
  ),
  fault('the disk is full', 3, hasOwnDisk, async (site, random) => {
    await whileFull(site, () => pause(random.between(500, 4000)))
    return NONE
  }),
  fault('the disk is full, and the bot is killed', 3, hasOwnDisk, async (site, random) => {
    await whileFull(site, async () => {
      await killBot(site)
      await pause(random.between(500, 4000))
    })
    return OUTAGE
  }),
  fault('the disk is full, and the watchdog is killed', 2, hasOwnDisk, async (site, random) => {
    await whileFull(site, async () => {
      await killWatchdog(site)
      await pause(random.between(0, 1000))
      await site.access.startWatchdog()
      await pause(random.between(500, 3000))
    })
    await site.access.startWatchdog()
    return NONE
  }),
  fault('a version is deployed', 6, everywhere, (site, random) => ship(site, random, [])),
  fault('a version is deployed on a full disk', 1, hasOwnDisk, async (site, random) => {
    let expected: Expected = NONE
    await whileFull(site, async () => {
      expected = await ship(site, random, [])
    })
    return expected
  }),
  fault('a version is deployed, and somebody dies', 8, everywhere, async (site, random) => {
    const all = ['deployment', 'watchdog', 'bot'] as const
    const first = random.pick(all)
    return ship(site, random, random.isLucky(0.3) ? [first, random.pick(all)] : [first])
  }),
  fault('a person goes back to the last good version', 3, everywhere, async (site) => {
    const before = site.active
    const { code, stdout, stderr } = await site.access.catalyst('deploy', 'rollback', '--last-good', '--yes')
    if (code !== 0 && site.active !== before)
      throw new Error(`it failed, and ${site.active} is active:\n${stdout}${stderr}`)
    if (code !== 0) return NONE
    if (!isGood(kindOf(site, site.active) ?? 'good'))
      throw new Error(`it went to ${site.active}, which is no good version`)
    return { isOutage: false, active: site.active }
  }),
]

function fault(name: string, weight: number, fits: Fault['fits'], run: Fault['run']): Fault {
  return { name, weight, fits, run }
}

function hasOwnMachine({ access }: Site): boolean {
  return access.cutPower !== undefined
}

async function cutPower(site: Site): Promise<void> {
  site.kills.push(site.access.now())
  site.senderKills.push(performance.now())
  await site.access.cutPower?.()
}

function hasOwnDisk({ access }: Site): boolean {
  return access.hasOwnDisk
}

async function killBot(site: Site): Promise<void> {
  site.kills.push(site.access.now())
  await site.access.signal(site.botPid(), 'SIGKILL')
}

async function killWatchdog(site: Site): Promise<void> {
  const pid = site.access.watchdogPid()
  site.senderKills.push(performance.now())
  if (pid !== undefined) await site.access.signal(pid, 'SIGKILL')
  if (keptByWatchdog(site)) await until(() => site.access.watchdogPid() === undefined)
}

async function succeeds(site: Site, ...words: string[]): Promise<void> {
  const { code, stdout, stderr } = await site.access.catalyst(...words)
  if (code !== 0) throw new Error(`catalyst ${words.join(' ')} failed with ${code}:\n${stdout}${stderr}`)
}

/** Ships a version that may be broken; meanwhile some of those that take part are killed. */
async function ship(
  site: Site,
  random: Random,
  victims: readonly ('deployment' | 'watchdog' | 'bot' | 'power')[],
): Promise<Expected> {
  const before = site.active
  const { tag, kind } = random.pick(site.versions)
  const deployment = site.access.begin('deploy', 'run', tag, '--skip-fetch', '--yes')
  site.kills.push(site.access.now()) // the bot of before is ended at some time from now on
  for (const victim of victims) {
    await Promise.race([deployment.result, until(() => fs.existsSync(site.paths.deployment))])
    await pause(random.between(0, 3000))
    if (victim === 'deployment') {
      site.senderKills.push(performance.now())
      await deployment.kill()
    }
    if (victim === 'bot') await killBot(site).catch(() => {}) // there may just be none
    if (victim === 'power') await cutPower(site)
    if (victim !== 'watchdog') continue
    await killWatchdog(site)
    await pause(random.between(0, 1500))
    await site.access.startWatchdog()
  }
  const { code, stdout, stderr } = await deployment.result
  const fail = (why: string) => {
    throw new Error(`${why}; ${before} was active, ${site.active} is:\n${stdout}${stderr}`)
  }
  if (code === 0 && site.active !== tag) fail(`${tag} was deployed`)
  if (code === 0 && before !== tag && !isGood(kind)) fail(`${tag} ${kind}, but went live`)
  const mayFallBehind =
    victims.length > 0 || !isGood(kindOf(site, before) ?? 'good') || kindOf(site, before) === 'ends later'
  if (code !== 0 && !mayFallBehind && site.active !== before) fail(`${tag} ${kind}`)
  return { isOutage: false, active: code === 0 ? tag : undefined }
}

/** Whether a version of this kind passes its gate. */
function isGood(kind: string): boolean {
  return kind === 'good' || kind === 'ends later'
}

function kindOf(site: Site, tag: string | null): string | undefined {
  return site.versions.find((one) => one.tag === tag)?.kind
}

/** Does this while not one byte is free on the home's disk. */
async function whileFull(site: Site, work: () => Promise<void>): Promise<void> {
  const filler = join(site.access.folder, 'filler')
  const time = { from: site.access.now(), to: Number.POSITIVE_INFINITY }
  site.fullDisk.push(time)
  const stop = new AbortController()
  const filled = (async () => {
    while (!stop.signal.aborted) {
      fill(filler) // what others give free meanwhile is taken, too
      await pause(50)
    }
  })()
  try {
    await work()
  } finally {
    stop.abort()
    await filled
    fs.rmSync(filler, { force: true })
    time.to = site.access.now()
  }
}

/** Takes all that is free, and only where the home's disk is its own: else it would be this machine's. */
function fill(path: string): void {
  if (fs.statSync(dirname(path)).dev === fs.statSync(dirname(dirname(path))).dev) return
  const file = fs.openSync(path, 'a')
  try {
    for (let size = 1024 * 1024; size > 0; size = Math.floor(size / 4)) {
      try {
        for (;;) if (fs.writeSync(file, Buffer.alloc(size)) < size) break
      } catch {
        // a smaller piece may still fit
      }
    }
  } finally {
    fs.closeSync(file)
  }
}

/** Opens connections that never finish their request, as many as the system lets us, for so long. */
async function storm(site: Site, ms: number): Promise<void> {
  const port = readBotFile(site.paths.bot)?.endpoint?.port
  if (port === undefined) return
  const sockets = new Set<net.Socket>()
  const until = performance.now() + ms
  while (performance.now() < until) {
    while (sockets.size < 1500) {
      const socket = net.connect(port, '127.0.0.1', () => socket.write('GET /health HTTP/1.1\r\nHost: x'))
      sockets.add(socket)
      socket.on('error', () => {}).on('close', () => sockets.delete(socket))
    }
    await pause(50)
  }
  for (const socket of sockets) socket.destroy()
}
