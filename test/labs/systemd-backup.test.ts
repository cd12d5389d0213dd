import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { until } from '../support/e2e/until.js'
import { type BoxHome, type Result, SystemdBox } from './systemd-box.js'
import { LONG_MS, startDiscord, toldOf, WATCHED, webhookOf } from './watched.js'

const UNITS = '/etc/systemd/system'
const STAMPS = '/var/lib/systemd/timers'
const SECRET = 'only-in-the-settings'
const HOUR = 3_600_000

/** Writes down at its start of when its data is, and writes to its database without a pause. */
const BOT = `
import os, sqlite3, time
parts = [open('data/' + name).read() for name in os.listdir('data') if name.startswith('part-')]
print(*sorted(set(parts)), len(parts), file=open('data/logs/starts', 'a'))
base = sqlite3.connect('data/bot.db', timeout=30, isolation_level=None)
base.execute('PRAGMA journal_mode=WAL')
base.execute('CREATE TABLE IF NOT EXISTS ticks (n INTEGER PRIMARY KEY)')
while True:
    n = base.execute('INSERT INTO ticks DEFAULT VALUES').lastrowid
    if n % 10 == 0: print('tick', flush=True)
    time.sleep(0.005)
`

describe('backups on a real systemd', () => {
  const box = new SystemdBox()
  let discord: BoxHome
  let port = 9400

  before(async () => {
    await box.start()
    discord = await startDiscord(box)
  })

  after(() => box.stop())

  async function succeeds(command: Promise<Result>): Promise<string> {
    const { code, stdout, output } = await command
    expect(code, output).to.equal(0)
    return stdout
  }

  async function refused(command: Promise<Result>, code: number, text: string): Promise<void> {
    const result = await command
    expect(result.code, result.output).to.equal(code)
    expect(result.output).to.contain(text)
  }

  /** A bot of alice as a service of the machine, whose data is of then, and so are its backups: one by now. */
  async function site(name: string, parts: number): Promise<Site> {
    const inside = `/opt/box/homes/${name}-repository`
    const all = {
      ...WATCHED,
      BOT_NAME: name,
      BOT_MODULE: '',
      BOT_COMMAND: 'python3 bot.py',
      BOT_LOG_PROOF: 'tick',
      BOT_CYCLE_SECONDS: '1',
      BOT_START_TIMEOUT: '30',
      HEALTH_CHECK_PORT: String(port++),
      WATCHDOG_ENABLED: '0',
      ADMIN_ALERT_WEBHOOK: webhookOf(name),
      BACKUP_REPOSITORY: inside,
      BACKUP_PASSWORD: SECRET,
    }
    const env = Object.entries(all).map(([key, value]) => `${key}=${value}\n`)
    const home = await box.home(name, { '.env': env.join(''), 'bot.py': BOT, 'data/logs/starts': '' })
    const made = new Site(box, home, parts, { inside, outside: `${home.outside}-repository` })
    made.write('then')
    await box.root(`chmod 600 ${home.inside}/.env; install -d -o alice ${inside}; chown -R alice: ${home.inside}`)
    await succeeds(home.catalyst('service', 'install', '--yes'))
    await succeeds(home.catalyst('backup', 'run', '--init'))
    return made
  }

  describe('of a bot', () => {
    let nightly: Site

    before(async () => {
      nightly = await site('Nightly', 3)
    })

    it('are made by a timer, as their owner, also for a night that was missed', async () => {
      const { home, repository } = nightly
      await succeeds(home.catalyst('backup', 'schedule', '--at', '04:30'))
      const units = await box.root('systemctl cat Nightly-backup.timer Nightly-backup.service')
      for (const line of ['OnCalendar=*-*-* 04:30:00', 'Persistent=true', 'User=alice', 'NoNewPrivileges=yes'])
        expect(units.split('\n')).to.include(line)
      expect(units).to.not.contain(SECRET)
      expect(await box.root('systemctl list-timers --no-legend')).to.match(
        /Nightly-backup\.timer +Nightly-backup\.service/,
      )
      const next = () => box.root('systemctl show -P NextElapseUSecRealtime Nightly-backup.timer')
      expect(await next()).to.match(/ 04:3[0-2]:/)
      await succeeds(home.catalyst('backup', 'schedule', '--at', '05:10'))
      expect(await next()).to.match(/ 05:1[0-2]:/)
      expect(nightly.count('backup.run')).to.equal(1)
      await nightly.missNight()
      await box.root('systemctl daemon-reload; systemctl restart Nightly-backup.timer')
      await until(() => nightly.count('backup.run') === 2, LONG_MS)
      await until(async () => (await nightly.unit('ActiveState')) === 'inactive', LONG_MS)
      expect(await nightly.unit('Result')).to.equal('success')
      expect(JSON.parse(await succeeds(home.catalyst('backup', 'list', '--json')))).to.have.length(2)
      expect(await succeeds(home.catalyst('status'))).to.match(/the newest good one \S+ s ago; restore test \S+ s ago/)
      expect(await box.root(`find ${home.inside} ${repository.inside} ! -user alice`), "root's files").to.equal('')
      expect(await box.root('journalctl -o cat --no-pager')).to.not.contain(SECRET)
    })

    it('that fail are told of, until one has succeeded again', async () => {
      const { home, repository } = nightly
      const state = '.catalyst/state/backup.json'
      const { last_good, ...rest } = JSON.parse(home.read(state))
      home.write(state, JSON.stringify({ ...rest, last_good: { ...last_good, at: last_good.at - 40 * HOUR } }))
      await box.root(`mv ${repository.inside} ${repository.inside}-away`)
      expect((await box.exec('systemctl', 'start', 'Nightly-backup')).code).to.not.equal(0)
      expect(await nightly.unit('ExecMainStatus')).to.equal('1')
      const titles = () => toldOf(discord, webhookOf('Nightly')).map(({ title }) => title)
      expect(titles()).to.deep.equal(['Nightly: the backups need attention'])
      const { backups } = JSON.parse(await succeeds(home.catalyst('status', '--json')))
      expect(backups.last_outcome).to.equal('failed')
      expect(backups.fault).to.match(
        /^The newest good backup is 1 d \d+ h old. The last try: There is no repository at/,
      )
      await box.root(`mv ${repository.inside}-away ${repository.inside}; systemctl start Nightly-backup`)
      expect(titles().at(-1)).to.equal('Nightly: the backups are in order again')
      await box.root(`mv ${repository.inside} ${repository.inside}-away`)
      await box.exec('systemctl', 'start', 'Nightly-backup')
      await box.root(`mv ${repository.inside}-away ${repository.inside}`)
      expect(await succeeds(home.catalyst('status'))).to.contain('; the last try failed: catalyst backup run')
    })

    it('leave nothing behind once they are scheduled no more', async () => {
      expect(await nightly.unit('ActiveState'), 'a failed one, too').to.equal('failed')
      await box.root(`rm -r ${UNITS}/Nightly-backup.timer.d`)
      const remove = ['backup', 'schedule', '--remove']
      await refused(nightly.home.catalystAs('alice', ...remove), 77, 'Only root can remove Nightly-backup')
      await succeeds(nightly.home.catalyst(...remove))
      expect(await box.root(`find ${UNITS} ${STAMPS} -name '*Nightly-backup*'`)).to.equal('')
      expect(await box.root('systemctl list-units --all --no-legend "Nightly-backup*"')).to.equal('')
    })

    it('are restored under a bot that runs by --start alone, and by whoever may start its service', async () => {
      const { home } = nightly
      const restore = ['backup', 'restore', '--yes']
      const { pid: first } = nightly.bot()
      nightly.write('now')
      await refused(home.catalyst(...restore), 75, 'BOT_RUNNING')
      expect(nightly.ages()).to.deep.equal(['now'])
      const byExit = JSON.parse(await succeeds(home.catalystAs('alice', ...restore, '--start', '--json')))
      expect(byExit.pid).to.equal(nightly.bot().pid).and.not.equal(first)
      expect(nightly.lastStart()).to.equal('then 3')
      expect(await box.root(`systemctl is-active Nightly; stat -c %U /proc/${byExit.pid}`)).to.equal('active\nalice')
      await succeeds(home.catalyst('service', 'stop'))
      nightly.write('now')
      await refused(home.catalystAs('alice', ...restore, '--start'), 77, 'sudo')
      expect(nightly.ages()).to.deep.equal(['now'])
      const byRoot = JSON.parse(await succeeds(home.catalyst(...restore, '--start', '--json')))
      expect(byRoot.pid).to.equal(nightly.bot().pid)
      expect(nightly.lastStart()).to.equal('then 3')
      await nightly.expectHealthy()
      expect(await box.root(`find ${home.inside} ! -user alice ! -name 'service_std*'`), "root's files").to.equal('')
    })
  })

  describe('of a machine whose power is cut', () => {
    /** So many that a power cut hits the middle of their restore. */
    const PARTS = 2000
    let cut: Site

    before(async () => {
      await usePids(5000)
      cut = await site('Cut', PARTS)
      await succeeds(cut.home.catalyst('backup', 'schedule'))
    })

    /** So that no process has the pid of a restic from before the cut, as on a machine that has run for long. */
    async function usePids(count: number): Promise<void> {
      const code = `import threading\nfor _ in range(${count}):\n  t = threading.Thread(target=int); t.start(); t.join()`
      await box.exec('python3', '-c', code)
    }

    it('in the middle of a backup find the bot at work, and the next one is made', async () => {
      const ticks = cut.ticks()
      const large = Buffer.concat(Array.from({ length: 1024 }, () => crypto.getRandomValues(Buffer.alloc(65_536))))
      fs.writeFileSync(join(cut.home.outside, 'data', 'large'), large)
      await box.exec('systemctl', 'start', '--no-block', 'Cut-backup')
      inTheMoment(() => cut.locks().length > 0)
      await box.powerCut(() => expect(cut.locks()).to.have.length(1))
      expect(cut.count('backup.run')).to.equal(1)
      await cut.expectHealthy()
      expect(cut.ticks()).to.be.above(ticks)
      await box.root('systemctl start Cut-backup')
      expect(await box.root('journalctl -b -u Cut-backup -o cat')).to.match(/^The lock of pid .* is removed/m)
      expect(cut.count('backup.run')).to.equal(2)
      expect(cut.locks()).to.deep.equal([])
    })

    it('in the middle of fetching a restore find the data as it is', async () => {
      cut.write('now')
      void cut.home.catalyst('backup', 'restore', '--yes', '--start')
      inTheMoment(() => cut.fetched() > 100)
      await box.powerCut(() => expect(cut.isRestoring()).to.equal(false))
      await cut.expectHealthy()
      expect(cut.lastStart()).to.equal(`now ${PARTS}`)
    })

    it('in the middle of a restore find it finished, before the bot starts and the missed backup is made', async () => {
      await cut.missNight()
      await succeeds(cut.home.catalyst('service', 'stop'))
      void cut.home.catalyst('backup', 'restore', '--yes')
      inTheMoment(() => cut.replaced() > 100)
      await box.powerCut(() => {
        expect(cut.isRestoring()).to.equal(true)
        expect(cut.count('backup.restore')).to.equal(0)
      })
      await cut.expectHealthy()
      expect(cut.lastStart()).to.equal(`then ${PARTS}`)
      await until(() => cut.count('backup.run') === 3, LONG_MS)
      const [folder, found] = ['/home/alice/look', "find /home/alice/look/data -name 'part-*'"]
      await succeeds(cut.home.catalyst('backup', 'restore', '--to', folder))
      expect(await box.root(`${found} | wc -l; ${found} -exec cat {} + | sed s/then//g`)).to.equal(`${PARTS}`)
    })
  })
})

/** Waits for a moment that is short: nothing else of this process is done meanwhile. */
function inTheMoment(isIt: () => boolean): void {
  const deadline = performance.now() + LONG_MS
  const never = new Int32Array(new SharedArrayBuffer(4))
  while (!isIt()) {
    if (performance.now() > deadline) throw new Error(`not within ${LONG_MS} ms: ${isIt}`)
    Atomics.wait(never, 0, 0, 1)
  }
}

/** A home that is backed up. Its data is in parts, each of which says of when it is. */
class Site {
  readonly #box: SystemdBox
  readonly home: BoxHome
  readonly #parts: number
  readonly repository: { readonly inside: string; readonly outside: string }

  constructor(box: SystemdBox, home: BoxHome, parts: number, repository: Site['repository']) {
    this.#box = box
    this.home = home
    this.#parts = parts
    this.repository = repository
  }

  /** Gives each part of the data this text. */
  write(text: string): void {
    for (let part = 0; part < this.#parts; part++) this.home.write(`data/part-${part}`, text)
  }

  /** The texts that its parts have. */
  ages(): string[] {
    const names = this.#names('data').filter((name) => name.startsWith('part-'))
    return [...new Set(names.map((name) => this.home.read(`data/${name}`)))].sort()
  }

  #names(folder: string): string[] {
    try {
      return fs.readdirSync(join(this.home.outside, folder))
    } catch {
      return [] // it is made, or removed, in this very moment
    }
  }

  /** What the bot has found at its last start. */
  lastStart(): string | undefined {
    return this.home.read('data/logs/starts').trim().split('\n').at(-1)
  }

  bot(): { pid: number } {
    return JSON.parse(this.home.read('.catalyst/state/bot.json'))
  }

  count(kind: string): number {
    return this.home.kinds().filter((one) => one === kind).length
  }

  /** The locks of its repository. */
  locks(): string[] {
    return fs.readdirSync(join(this.repository.outside, 'locks'))
  }

  isRestoring(): boolean {
    return fs.existsSync(join(this.home.outside, '.catalyst/restore/restoring.json'))
  }

  /** The number of files in the data of a restore that is being fetched. */
  fetched(): number {
    const [id = ''] = this.#names('.catalyst/restore')
    return this.#names(`.catalyst/restore/${id}/data`).length
  }

  /** The number of files that a restore has replaced by now. */
  replaced(): number {
    const time = this.#names('.catalyst/undo').at(-1) ?? ''
    return this.#names(`.catalyst/undo/${time}/data`).length
  }

  /** The rows in its database, which is whole. */
  ticks(): number {
    const base = join(this.home.outside, 'data/bot.db')
    const said = execFileSync('sqlite3', [base, 'PRAGMA integrity_check; SELECT count(*) FROM ticks'])
    const [check, rows] = said.toString().trim().split('\n')
    expect(check).to.equal('ok')
    return Number(rows)
  }

  unit(property: string): Promise<string> {
    return this.#box.root(`systemctl show -P ${property} ${this.#name}-backup.service`)
  }

  get #name(): string {
    return this.home.inside.split('/').at(-1) as string
  }

  /** Lets the last backup by the timer be two days ago; what is missed then is made up for without a delay. */
  async missNight(): Promise<void> {
    const [unit, stamp] = [`${UNITS}/${this.#name}-backup.timer.d`, `${STAMPS}/stamp-${this.#name}-backup.timer`]
    await this.#box.root(`mkdir -p ${unit}; printf '[Timer]\\nRandomizedDelaySec=0\\n' >${unit}/lab.conf`)
    await this.#box.root(`touch -d '2 days ago' ${stamp}`)
  }

  async expectHealthy(): Promise<void> {
    const { status } = JSON.parse(
      await until(async () => (await this.home.catalyst('health', 'check', '--wait', '30', '--json')).stdout, LONG_MS),
    )
    expect(status).to.equal('healthy')
  }
}
