/**
 * Homes at work, and all that can happen to them: for some minutes, at a fast clock, one thing after the other in each home
 * and the webhook ill in between. CHAOS_SEED repeats a run's choices (not its timing), CHAOS_MINUTES is its length.
 */
import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import { basename, join } from 'node:path'
import { expect } from 'chai'
import { SystemdBox } from '../labs/systemd-box.js'
import { endToEnd } from '../support/e2e/end-to-end.js'
import type { Home } from '../support/e2e/home.js'
import { pause, until } from '../support/e2e/until.js'
import { orderStarts } from '../support/order-starts.js'
import { childSite } from './child-site.js'
import { FastClock } from './fast-clock.js'
import { FAULTS } from './faults.js'
import { countLines, faultsOfMessages } from './judge.js'
import { Random } from './random.js'
import { serviceSite } from './service-site.js'
import type { IncidentSeen, Site } from './site.js'
import { type Mood, StandIn } from './stand-in.js'
import { planVersions } from './versions.js'

const SEED = Number(process.env.CHAOS_SEED ?? Date.now() % 1_000_000)
const MINUTES = Number(process.env.CHAOS_MINUTES ?? 10)
const SPEED = Number(process.env.CHAOS_SPEED ?? 4)
const VERSIONS = 14

describe('chaos', () => {
  const { home: emptyHome, closeLater } = endToEnd()

  it(`leaves no outage unnoticed, no wrong version, no message lost or doubled, no line lost (seed ${SEED})`, async function () {
    this.timeout((MINUTES + 15) * 60_000)
    const random = new Random(SEED)
    const clock = await FastClock.start(SPEED)
    closeLater(() => clock.stop())
    const standIn = new StandIn()
    await standIn.listen()
    closeLater(() => standIn.close())
    const shared = () => ({ clock, standIn, versions: planVersions(random, VERSIONS), control: emptyFolder() })
    const box = new SystemdBox({ network: 'host' })
    closeLater(() => box.stop())
    await box.start()
    const sites = [
      childSite('module', emptyHome(), { ...shared(), isModule: true }),
      childSite('program', onItsOwnDisk(emptyHome()), { ...shared(), isModule: false }),
      await serviceSite('service', box, { standIn, versions: planVersions(random, VERSIONS) }),
    ]
    for (const site of sites) closeLater(orderStarts(site.paths.journal)) // what crashes all the time starts at once
    const end = performance.now() + MINUTES * 60_000
    const isOver = () => performance.now() >= end
    const weather = beIll(standIn, random.fork(), isOver)
    try {
      await Promise.all(sites.map((site) => disturb(site, random.fork(), isOver)))
      await weather
      for (const site of sites) await settle(site, standIn)
      report(sites, standIn)
    } catch (error) {
      keepForStudy(sites, standIn)
      await Promise.all(sites.map((site) => site.access.end().catch(() => {})))
      throw error
    }
  })

  /** One fault after the other; each must have come to its good end before the next. */
  async function disturb(site: Site, random: Random, isOver: () => boolean): Promise<void> {
    await site.access.startWatchdog()
    await site.calm()
    await deployed(site, 'v1')
    for (let round = 1; !isOver(); round++) {
      const fault = random.weighted(FAULTS.filter((one) => one.fits(site)))
      const where = `${site.name}, round ${round}, ${fault.name}`
      say(`${where} (${site.active})`)
      const began = site.access.now()
      const last = site.lastIncident()
      try {
        const { isOutage, active } = await fault.run(site, random)
        if (isOutage) await noticed(site, began, last)
        await site.calm()
        if (active !== undefined) expect(site.active, 'the active version').to.equal(active)
        await leaveWhatEnds(site)
      } catch (error) {
        throw new Error(`seed ${SEED}: ${where}: ${(error as Error).message}\n${lastWords(site)}`, { cause: error })
      }
      await pause(random.isLucky(0.2) ? 11_000 : random.between(0, 2500))
    }
  }

  /** A version that ends soon after each start is left by a person, as is due; else nothing could be told apart. */
  async function leaveWhatEnds(site: Site): Promise<void> {
    const kindOf = (tag: string | null) => site.versions.find((one) => one.tag === tag)?.kind
    if (kindOf(site.active) !== 'ends later') return
    const left = site.active
    const { code, stderr } = await site.access.catalyst('deploy', 'rollback', '--last-good', '--yes')
    if (code === 0) expect(site.active, 'what --last-good leaves').to.not.equal(left)
    else expect(stderr).to.match(/no good version|older/)
    if (kindOf(site.active) === 'ends later') await deployed(site, 'v1')
    await site.calm()
  }

  async function deployed(site: Site, tag: string): Promise<void> {
    const { code, stdout, stderr } = await site.access.catalyst(
      'deploy',
      'run',
      tag,
      '--skip-fetch',
      '--yes',
      '--force',
    )
    expect(code, stdout + stderr).to.equal(0)
  }

  /** The journal tells of it; or, where that was full, the watchdog's own file. */
  async function noticed(site: Site, since: number, before: IncidentSeen | undefined): Promise<void> {
    const isKnown = () => {
      const now = site.lastIncident()
      const isAnother =
        now?.id !== before?.id || now?.ends !== before?.ends || now?.restartsBegun !== before?.restartsBegun
      return isAnother || site.incidentsSince(since).length > 0
    }
    await until(isKnown, 60_000).catch(() => {
      throw new Error('the outage was not noticed')
    })
  }

  /** Ends the watchdog and all it keeps, once everything has been told. */
  async function settle(site: Site, standIn: StandIn): Promise<void> {
    standIn.mood = 'well'
    await until(() => {
      const faults = faultsOfMessages(site, standIn)
      if (faults.length > 0) throw new Error(faults.join('\n'))
      return true
    }, 90_000)
    await site.access.end()
  }

  function report(sites: readonly Site[], standIn: StandIn): void {
    expect(standIn.strays, 'edits of messages that were never made').to.deep.equal([])
    for (const site of sites) {
      const lines = countLines(site)
      say(
        `${site.name}: ${JSON.stringify({ ...lines, lost: lines.lost.length })}, ${standIn.of(site.name).length} messages`,
      )
      expect(lines.lost, `lines lost in ${site.name}`).to.deep.equal([])
      expect(
        lines.miscounted,
        `full disks of ${site.name} whose lost lines are not those that its log tells of`,
      ).to.deep.equal([])
    }
  }

  function emptyFolder(): string {
    const folder = fs.mkdtempSync(join(os.tmpdir(), 'catalyst-chaos-'))
    closeLater(() => fs.rmSync(folder, { recursive: true, force: true }))
    return folder
  }

  function onItsOwnDisk(home: Home): Home {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=160m', 'tmpfs', home.folder])
    closeLater(() => execFileSync('umount', ['-l', home.folder]))
    return home
  }
})

/** The webhook is ill now and then. */
async function beIll(standIn: StandIn, random: Random, isOver: () => boolean): Promise<void> {
  const moods: readonly Mood[] = ['fails', 'limits', 'hangs up', 'is silent']
  while (!isOver()) {
    standIn.mood = 'well'
    await pause(random.between(4000, 20_000))
    if (isOver()) break
    standIn.mood = random.pick(moods)
    await pause(random.between(500, 8000))
  }
  standIn.mood = 'well'
}

function lastWords(site: Site): string {
  const read = (path: string) =>
    fs.existsSync(path) ? fs.readFileSync(path, 'utf8').split('\n').slice(-15).join('\n') : ''
  return [site.paths.journal, join(site.paths.logs, 'watchdog.log')].map(read).join('\n---\n')
}

/** Keeps what the homes have written, and all messages, where the run failed: it never happens just so again. */
function keepForStudy(sites: readonly Site[], standIn: StandIn): void {
  const folder = fs.mkdtempSync(join(os.tmpdir(), `chaos-seed-${SEED}-`))
  for (const { name, paths } of sites)
    for (const path of [paths.journal, paths.state, paths.incidents, paths.logs])
      fs.cpSync(path, join(folder, name, basename(path)), { recursive: true, errorOnExist: false })
  fs.writeFileSync(join(folder, 'messages.json'), JSON.stringify([...standIn.messages.values()], null, 2))
  say(`what the homes have written is kept in ${folder}`)
}

const began = performance.now()

function say(text: string): void {
  process.stdout.write(`    ${((performance.now() - began) / 1000).toFixed(1)} s ${text}\n`)
}
