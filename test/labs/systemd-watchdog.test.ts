import fs from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import type { DrillResult } from '#core/drill/run-drill.js'
import { pause, until } from '../support/e2e/until.js'
import { orderStarts } from '../support/order-starts.js'
import { type BoxHome, SystemdBox } from './systemd-box.js'
import { LONG_MS, MODULE, startDiscord, toldOf, WATCHED, Watchdog, webhookOf } from './watched.js'

const FAKETIME = '/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1'
const UNITS = '/etc/systemd/system'

type Texts = Readonly<Record<string, string>>

interface Installation {
  readonly settings?: Texts
  readonly files?: Texts
  /** Lines for the bot's unit. */
  readonly unit?: readonly string[]
  /** Whose the home is. */
  readonly owner?: string
  /** Whether the owner's own manager keeps it, and not the machine's. */
  readonly isOwn?: boolean
  /** The size of a disk of its own, in MB. */
  readonly disk?: number
}

describe('the watchdog on a real systemd', () => {
  const box = new SystemdBox()
  let discord: BoxHome
  const uninstalls: (() => Promise<void>)[] = []
  let port = 9000

  before(async () => {
    await box.start()
    discord = await startDiscord(box)
  })

  after(() => box.stop())

  const told = (name: string) => toldOf(discord, webhookOf(name))

  /**
   * A bot and its watchdog as services; systemd itself watches over the bot's process only. No start waits for the ones
   * before: bots are brought down here all the time.
   */
  async function installed(name: string, options: Installation = {}): Promise<{ home: BoxHome; watchdog: Watchdog }> {
    const { settings = {}, files = { 'bot.mjs': MODULE }, unit = [], owner = 'alice', isOwn = false, disk } = options
    const all = {
      ...WATCHED,
      BOT_NAME: name,
      HEALTH_CHECK_PORT: String(port++),
      ADMIN_ALERT_WEBHOOK: webhookOf(name),
      ...settings,
    }
    const env = Object.entries(all).map(([key, value]) => `${key}=${value}\n`)
    const written = { '.env': env.join(''), ...files }
    const home = await (disk ? box.homeOnSmallDisk(name, written, owner, disk) : box.home(name, written, owner))
    const catalyst = (...words: string[]) => (isOwn ? home.catalystAs(owner, ...words) : home.catalyst(...words))
    const endOrders = orderStarts(join(home.outside, '.catalyst/journal.jsonl'))
    const units = isOwn ? `/home/${owner}/.config/systemd/user` : UNITS
    uninstalls.push(async () => {
      endOrders()
      if (isOwn) await catalyst('service', 'uninstall', '--yes')
      else
        await box.root(
          `systemctl kill -s KILL ${name}-watchdog ${name}; systemctl disable -q --now ${name}-watchdog ${name}`,
        )
      if (disk) await box.root(`umount -l ${home.inside}`)
      await box.root(`rm -rf ${units}/${name}* ${home.inside}; systemctl daemon-reload`)
    })
    await dropIn(`${units}/${name}`, 'WatchdogSec=0', ...unit)
    if (isOwn) await box.root(`chown -R ${owner}: /home/${owner}/.config`)
    const { code, output } = await catalyst('service', 'install', '--with-watchdog', '--yes')
    expect(code, output).to.equal(0)
    return { home, watchdog: new Watchdog(home, home.outside) }
  }

  async function cleanUp(): Promise<void> {
    for (const uninstall of uninstalls.splice(0)) await uninstall()
  }

  async function dropIn(unit: string, ...lines: string[]): Promise<void> {
    const folder = `${unit}.service.d`
    await box.root(`mkdir -p ${folder} && printf '[Service]\\n${lines.join('\\n')}\\n' >${folder}/lab.conf`)
  }

  async function drilled(home: BoxHome, kind: string): Promise<DrillResult> {
    const { code, stdout, output } = await home.catalyst('drill', kind, '--yes', '--json')
    expect(code, output).to.equal(0)
    return JSON.parse(stdout)
  }

  const signal = (name: string, ...pids: number[]) => box.exec('kill', `-${name}`, ...pids.map(String))

  describe('a bot that works', () => {
    let home: BoxHome
    let watchdog: Watchdog
    let sound: { pid: number; restarts: number }
    let since: number

    before(async () => {
      ;({ home, watchdog } = await installed('Lab'))
    })

    after(cleanUp)

    beforeEach(async () => {
      sound = await watchdog.calm()
      since = Date.now()
    })

    it('is back after a crash, which spends no restart', async () => {
      const { steps, incident, down_seconds } = await drilled(home, 'crash')
      const said = steps.map(({ what }) => what)
      expect(said[0]).to.equal(`crash: the bot (pid ${sound.pid}) is brought down`)
      expect(said).to.include.members([
        'the bot exited with code 1',
        `the watchdog detects it: ended (incident ${incident})`,
        `another bot was started (pid ${watchdog.botPid()})`,
        'the watchdog says: recovered',
        'the bot works again',
      ])
      expect(down_seconds).to.be.within(0.05, 20)
      const record = await watchdog.broughtBack(sound, since, 0)
      expect(record).to.include({ why: 'ended', ends: 1, exit: 1 })
    })

    it('is brought back when its process stands still', async () => {
      await signal('STOP', sound.pid)
      const incident = await watchdog.broughtBack(sound, since)
      expect(incident.why).to.equal('silent')
      const { processes, health } = watchdog.evidence(incident)
      expect(processes?.find(({ pid }) => pid === sound.pid)?.state).to.equal('T')
      expect(health.now?.status).to.equal('unreachable')
      expect(health.last?.status).to.equal('healthy')
    })

    it('is brought back from a blocked event loop, whose function is known', async () => {
      const { incident } = await drilled(home, 'freeze')
      const { why, ...seen } = await watchdog.broughtBack(sound, since)
      expect(why).to.equal('silent')
      const { where, missing } = watchdog.evidence({ why, ...seen })
      expect(where?.what).to.equal('Its event loop is blocked.')
      expect(where?.lines.join('\n')).to.contain('catalystDrillFreeze')
      expect(missing).to.deep.equal([])
      const shown = await home.catalyst('incident', 'show', String(incident))
      expect(shown.stdout).to.contain('catalystDrillFreeze')
    })

    it('is brought back from a cycle that hangs, whose last stage is known', async () => {
      await drilled(home, 'hang')
      const incident = await watchdog.broughtBack(sound, since)
      expect(incident.why).to.equal('hangs')
      const { where } = watchdog.evidence(incident)
      expect(where?.what).to.contain('Its cycle hangs')
      expect(where?.lines.join('\n')).to.contain('catalyst drill hang: this cycle never ends')
    })

    it('is brought back although the watchdog is killed in the middle of it', async () => {
      await signal('STOP', sound.pid)
      const first = await watchdog.incident('restarting', since)
      const { pid } = watchdog.file()
      await signal('KILL', pid)
      const incident = await watchdog.broughtBack(sound, since, 2) // the one that was cut off counts, too
      expect(watchdog.file().pid).to.not.equal(pid)
      expect(incident).to.include({ id: first.id, why: 'silent', restartsBegun: 2 })
      await until(() => told('Lab').at(-1)?.title === 'Lab: recovered', LONG_MS)
      const ofIt = told('Lab').slice(told('Lab').findLastIndex(({ method }) => method === 'POST') + 1)
      expect(ofIt.map(({ title }) => title)).to.include.members(['Lab: is being restarted', 'Lab: recovered'])
    })

    it('is left alone while it is deployed, and brought back afterwards', async () => {
      const holder = await deployment('sleep 1000')
      await signal('STOP', sound.pid)
      await watchdog.looks(2) // each takes its whole time in vain
      watchdog.expectSame(sound)
      fs.rmSync(holder.lock)
      await watchdog.broughtBack(sound, since)
      await box.exec('kill', String(holder.pid))
    })

    it('is brought back where a deployment has died', async () => {
      const { lock, pid } = await deployment('sleep 1000')
      await box.exec('kill', '-9', String(pid))
      await signal('STOP', sound.pid)
      await watchdog.broughtBack(sound, since)
      fs.rmSync(lock)
    })

    it('is left alone when systemd has stopped it, until somebody starts it', async () => {
      await box.exec('systemctl', 'stop', 'Lab')
      await watchdog.looks(6)
      expect(watchdog.file().status).to.equal('unreachable')
      expect(await box.root('systemctl show -P ActiveState Lab')).to.equal('inactive')
      expect(watchdog.restarts()).to.equal(sound.restarts)
      await box.exec('systemctl', 'start', 'Lab')
      const again = await watchdog.calm()
      expect(again).to.deep.equal({ pid: watchdog.botPid(), restarts: sound.restarts })
      await signal('KILL', again.pid)
      await watchdog.broughtBack(again, since, 0)
    })

    it('is watched on when systemd itself gives no answer for a while', async () => {
      const { pid } = watchdog.file()
      const systemctl = await box.root('readlink -f $(which systemctl)')
      await box.root(
        `mv ${systemctl} ${systemctl}.away; printf '#!/bin/sh\nexit 1\n' >${systemctl}; chmod 755 ${systemctl}`,
      )
      try {
        await watchdog.looks(4)
        watchdog.expectSame(sound)
        expect(watchdog.file()).to.include({ pid, status: 'healthy' })
      } finally {
        await box.root(`mv ${systemctl}.away ${systemctl}`)
      }
    })

    it('is left alone after the machine has slept', async () => {
      const { pid } = watchdog.file()
      await watchdog.looks(1)
      await signal('STOP', pid, sound.pid)
      await pause(8000) // the sleep itself: longer than any silence that is borne
      await signal('CONT', pid, sound.pid)
      await watchdog.looks(5)
      watchdog.expectSame(sound)
      expect(watchdog.file()).to.include({ pid, status: 'healthy' })
    })

    it('is left alone when the clock is set, forward and back', async () => {
      const clock = `${home.inside}/clock`
      home.write('clock', '+0')
      await dropIn(
        `${UNITS}/Lab-watchdog`,
        `Environment=LD_PRELOAD=${FAKETIME} FAKETIME_TIMESTAMP_FILE=${clock} FAKETIME_NO_CACHE=1 FAKETIME_DONT_FAKE_MONOTONIC=1`,
      )
      const old = watchdog.file().pid
      await box.root('systemctl daemon-reload; systemctl restart Lab-watchdog')
      const { pid } = await until(() => watchdog.file().pid !== old && watchdog.file(), LONG_MS)
      await watchdog.looks(2)
      for (const [shift, hours] of [
        ['+3h', 3],
        ['-3h', -3],
      ] as const) {
        home.write('clock', shift)
        await until(() => Math.abs(watchdog.file().checked_at - Date.now() - hours * 3_600_000) < 60_000)
        await watchdog.looks(5)
        watchdog.expectSame(sound)
        expect(watchdog.file()).to.include({ status: 'healthy' })
      }
      expect(pid).to.equal(watchdog.file().pid)
      await box.root(`rm -r ${UNITS}/Lab-watchdog.service.d; systemctl daemon-reload; systemctl restart Lab-watchdog`)
    })

    /** The lock that a deployment holds, by a process that does nothing. */
    async function deployment(command: string): Promise<{ lock: string; pid: number }> {
      const pid = Number(await box.root(`${command} >/dev/null 2>&1 & echo $!`))
      const started = Number(await box.root(`cut -d ' ' -f 22 /proc/${pid}/stat`))
      const boot = await box.root('cat /proc/sys/kernel/random/boot_id')
      const file = '.catalyst/state/deploy.lock'
      home.write(file, JSON.stringify({ pid, started, boot, instance: 'a-deployment' }))
      return { lock: join(home.outside, file), pid }
    }
  })

  describe('a bot in trouble', () => {
    afterEach(cleanUp)

    for (const [whose, options] of [
      ["of root's", { owner: 'root' }],
      ["of a user's own manager", { isOwn: true }],
    ] as const)
      it(`is started when systemd has given it up, ${whose}`, async () => {
        const { home, watchdog } = await installed('Lab', { unit: ['RestartPreventExitStatus=3'], ...options })
        const sound = await watchdog.calm()
        const since = Date.now()
        home.write('exit', '')
        await until(() => home.kinds().includes('bot.exit'), LONG_MS)
        fs.rmSync(join(home.outside, 'exit'))
        const incident = await watchdog.broughtBack(sound, since)
        expect(incident).to.include({ opened: 'ended', why: 'down', exit: 3 })
      })

    it('needs a person when systemd has given it up, and only root may start it', async () => {
      const settings = { WATCHDOG_MAX_RESTARTS: '1', BOT_START_TIMEOUT: '1' }
      const { home, watchdog } = await installed('Lab', { unit: ['RestartPreventExitStatus=3'], settings })
      await watchdog.calm()
      const since = Date.now()
      home.write('exit', '')
      const incident = await watchdog.incident('needs_attention', since)
      expect(incident).to.include({ opened: 'ended', why: 'down', exit: 3 })
      expect(home.read('data/logs/watchdog.log')).to.contain('the bot could not be started')
    })

    it('asks for a person when a bot does not become healthy, once', async () => {
      const settings = {
        WATCHDOG_MAX_RESTARTS: '2',
        BOT_START_TIMEOUT: '3',
        WATCHDOG_FREEZE_THRESHOLD: '2',
        BOT_STOP_TIMEOUT: '0.2',
      }
      const { home, watchdog } = await installed('Sick', { settings })
      home.write('sick', '')
      const incident = await watchdog.incident('needs_attention', 0)
      await watchdog.looks(4)
      expect(watchdog.file().incident).to.deep.equal(incident)
      expect(incident).to.include({ why: 'hangs', restartsBegun: 2 })
      expect(watchdog.restarts()).to.equal(2)
      expect(home.kinds().filter((kind) => kind === 'bot.start')).to.have.length(3)
      expect(watchdog.record(incident).events.filter(({ state }) => state === 'needs_attention')).to.have.length(1)
      await until(() => told('Sick').at(-1)?.title === 'Sick: needs attention')
      expect(told('Sick').filter(({ method }) => method === 'POST')).to.have.length(1)
      fs.rmSync(join(home.outside, 'sick'))
    })

    it('is left by systemd to a watchdog whose restarts are used up, however long the outage lasts', async () => {
      const settings = { WATCHDOG_MAX_RESTARTS: '0', BOT_START_TIMEOUT: '3', WATCHDOG_FREEZE_THRESHOLD: '2' }
      const { home, watchdog } = await installed('Left', { settings, unit: ['WatchdogSec=4'] })
      home.write('sick', '')
      const incident = await watchdog.incident('needs_attention', 0)
      const pid = watchdog.botPid()
      await pause(15_000) // several times what systemd bears
      expect(watchdog.botPid()).to.equal(pid)
      expect(watchdog.file().incident).to.deep.equal(incident)
      expect(home.kinds().filter((kind) => kind === 'bot.start')).to.have.length(1)
      // the last resort: a bot that is unhealthy, and a watchdog that is not heard of
      await signal('STOP', watchdog.file().pid)
      home.write('.catalyst/state/watchdog.json', JSON.stringify({ ...watchdog.file(), checked_at: 1 }))
      await until(() => watchdog.botPid() !== pid, LONG_MS)
      fs.rmSync(join(home.outside, 'sick'))
    })

    it('is told of on a full disk that lets none start, and is back by itself once there is room', async () => {
      const { home, watchdog } = await installed('Full', { settings: { SERVICE_RESTART_DELAY: '4' }, disk: 8 })
      const sound = await watchdog.calm()
      const [hog, spare] = [join(home.outside, 'hog'), join(home.outside, '.catalyst/state/spare')]
      const fill = () => {
        for (const name of fs.existsSync(spare) ? fs.readdirSync(spare) : [])
          fs.rmSync(join(spare, name), { force: true })
        try {
          for (;;) fs.appendFileSync(hog, Buffer.alloc(4096, 'x'))
        } catch {
          // it is full
        }
      }
      fill()
      const filling = setInterval(fill, 5)
      try {
        await signal('KILL', sound.pid)
        await until(() => told('Full').some(({ title }) => title === 'Full: ended unexpectedly'), LONG_MS)
        const said = await box.root('journalctl -u Full -o cat --no-pager')
        expect(said).to.contain(`the disk that holds ${home.inside}`).and.contain('make room there')
      } finally {
        clearInterval(filling)
        fs.rmSync(hog)
      }
      const freed = Date.now()
      await until(() => told('Full').at(-1)?.title === 'Full: recovered', LONG_MS)
      expect(Date.now() - freed).to.be.below(20_000)
      expect(await home.pid()).to.not.equal(sound.pid)
      expect(await box.root('systemctl show -P NRestarts Full-watchdog'), 'nobody else ended').to.equal('0')
    })

    it('tells of fifty crashes in one message, and spends no restart on them', async () => {
      const settings = { SERVICE_RESTART_DELAY: '0', BOT_CYCLE_SECONDS: '0.05' }
      const crashing = await installed('Crashing', { settings })
      const { home, watchdog } = crashing
      const sound = await watchdog.calm()
      const since = Date.now()
      const ends = () => home.kinds().filter((kind) => kind === 'bot.exit').length
      home.write('exit', '')
      await until(() => ends() >= 50, 2 * LONG_MS)
      fs.rmSync(join(home.outside, 'exit'))
      await watchdog.calm() // the last one is just being started
      await watchdog.broughtBack(sound, since, 0)
      // between two crashes it may look recovered, too
      await until(() => watchdog.file().incident?.ends === ends(), LONG_MS)
      const incident = await watchdog.incident('recovered', since)
      expect(incident).to.include({ opened: 'ended', why: 'ended', exit: 3 })
      await until(() => told('Crashing').at(-1)?.title === 'Crashing: recovered')
      const [first, ...later] = told('Crashing')
      expect(first).to.include({ method: 'POST', title: 'Crashing: ended unexpectedly' })
      expect([...new Set(later.map(({ method, url }) => `${method} ${url}`))]).to.have.length(1)
      expect(later[0]?.method).to.equal('PATCH')
      expect(later.map(({ title }) => title)).to.include('Crashing: crash loop')
    })
  })

  describe('a program', () => {
    const REPORTS = `
      const report = () => fetch(process.env.CATALYST_REPORT_URL + '/cycle', { method: 'POST', body: '{"next_in_seconds": 0.5}' })
      await report()
      setInterval(report, 200)`
    const ANSWERS = `
      import http from 'node:http'
      http.createServer((request, response) => response.end('ok')).listen(7100, '127.0.0.1')`
    const IDLES = 'setInterval(() => {}, 1000)'
    const programs = new Map<string, { home: BoxHome; watchdog: Watchdog }>()

    before(async () => {
      const install = async (name: string, code: string, settings: Texts) => {
        const all = {
          BOT_MODULE: '',
          BOT_COMMAND: 'node program.mjs',
          BOT_STOP_TIMEOUT: '0.2',
          BOT_CYCLE_SECONDS: '0.5',
        }
        programs.set(name, await installed(name, { settings: { ...all, ...settings }, files: { 'program.mjs': code } }))
      }
      await Promise.all([
        install('Reports', REPORTS, { BOT_PROOF: 'report' }),
        install('Answers', ANSWERS, { BOT_HEALTH_URL: 'http://127.0.0.1:7100/' }),
        install('Idles', IDLES, {}),
      ])
    })

    after(cleanUp)

    for (const [name, proof] of [
      ['Reports', 'its reports'],
      ['Answers', 'its health address'],
    ] as const)
      it(`that is known by ${proof} is brought back when it stands still`, async () => {
        const { home, watchdog } = programs.get(name) as { home: BoxHome; watchdog: Watchdog }
        const sound = await watchdog.calm()
        const since = Date.now()
        const { incident } = await drilled(home, 'freeze')
        const seen = await watchdog.broughtBack(sound, since)
        expect(incident).to.match(/-hangs$/)
        const { where } = watchdog.evidence(seen)
        expect(where?.what).to.match(/^The program node \(pid \d+\) is stopped by a signal/)
      })

    it('that is known by its process alone can not be seen to stand still, and is left as it is', async () => {
      const { home, watchdog } = programs.get('Idles') as { home: BoxHome; watchdog: Watchdog }
      const sound = await watchdog.calm()
      const { code, output } = await home.catalyst('drill', 'freeze', '--yes')
      expect(code).to.equal(1)
      expect(output).to.contain('The proof of this bot is that its process lives')
      await watchdog.looks(2)
      watchdog.expectSame(sound)
    })
  })
})
