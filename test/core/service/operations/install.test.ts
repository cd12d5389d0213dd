import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { CatalystError, EXIT } from '#core/errors.js'
import { readInstalled } from '#core/home/installed-services.js'
import { asker, currentUser } from '#core/platform/process/users.js'
import type { Role } from '#core/service/manager.js'
import { accountFor } from '#core/service/operations/account.js'
import { type InstallOptions, install, planInstall } from '#core/service/operations/install.js'
import { dryRun, installAll, planAll, type Questions, rolesToInstall } from '#core/service/operations/install-all.js'
import { planRefresh, uninstallAll } from '#core/service/operations/uninstall.js'
import { failureOf } from '../../../support/failure.js'
import { FakeManager, ServiceHome } from '../../../support/fake-manager.js'
import { tempFolder } from '../../../support/temp.js'

/** Answers, and the questions that were asked. */
function answering(answers: { replace?: boolean; start?: boolean; watchdog?: boolean } = {}) {
  const asked: string[] = []
  const questions: Questions = {
    async replace({ spec }) {
      asked.push(`replace ${spec.name}`)
      return answers.replace ?? false
    },
    async start(name, how) {
      asked.push(`${how} ${name}`)
      return answers.start ?? false
    },
    async enableWatchdog() {
      asked.push('enable the watchdog')
      return answers.watchdog ?? false
    },
  }
  return { asked, questions }
}

/** Plans and installs, as the command does. */
async function installing(
  home: ServiceHome,
  questions: Questions,
  roles: readonly Role[] = ['bot'],
  changes: Partial<InstallOptions> = {},
) {
  const { services } = home
  const options = { ...home.options(), ...changes }
  const plans = await planAll(services, roles, options)
  return home.turning(installAll(services, plans, questions, home.onWait))
}

const planOf = async (home: ServiceHome, name?: string) =>
  planInstall(home.services, 'bot', { ...home.options(), name, watched: false })

describe('planning an installation', () => {
  it('refuses a program that the owner of the home has no permission to read', async () => {
    if (process.getuid?.() !== 0) return // only root can act as another
    const home = new ServiceHome({}, { owner: { uid: 65534, gid: 65534, name: 'nobody', folder: '/' } })
    chmodSync(home.home, 0o755)
    chmodSync(home.runtime.cli, 0o600)
    const { message, code } = await failureOf(planOf(home))
    expect(code).to.equal('SERVICE_PATH_UNREADABLE')
    expect(message).to.equal(`nobody, the owner of the home, has no permission to read ${home.runtime.cli}.`)
  })

  it("keeps a service's account on Windows when it is installed again", async () => {
    const home = new ServiceHome({}, { manager: new FakeManager({ kind: 'nssm' }) })
    await installing(home, answering().questions, ['bot'], { account: 'CORP\\ann' })
    expect((await planOf(home)).state).to.equal('unchanged')
  })

  it('treats a home that is named by a link as its own', async () => {
    const home = new ServiceHome()
    await home.install()
    const link = join(tempFolder(), 'link')
    symlinkSync(home.home, link, 'junction')
    const again = new ServiceHome({}, { manager: home.manager, home: link })
    expect((await planOf(again)).found?.home).to.equal(home.home)
  })

  it('notices an entry whose lines were reordered', async () => {
    const home = new ServiceHome()
    await home.install()
    home.manager.edit('CatalystBot', (text) => text.split('\n').reverse().join('\n'))
    expect(await planOf(home)).to.deep.include({ state: 'edited', changes: [] })
  })

  it('changes nothing', async () => {
    const home = new ServiceHome()
    const plan = await planOf(home)
    expect(plan).to.include({ role: 'bot', state: 'new', found: undefined })
    expect(plan.changes).to.deep.equal([])
    expect(plan.actions.map((action) => action.do)).to.deep.equal(['folder', 'write'])
    expect(home.manager.files()).to.deep.equal({})
    expect(existsSync(home.paths.logs) || existsSync(home.paths.services) || existsSync(home.paths.journal)).to.equal(
      false,
    )
  })

  it('has nothing to do for an entry that is as it should be', async () => {
    const home = new ServiceHome()
    await home.install()
    expect(await planOf(home)).to.deep.include({ state: 'unchanged', changes: [], actions: [] })
  })

  it('brings an entry of ours up to date', async () => {
    const home = new ServiceHome()
    await home.install()
    home.settings({ SERVICE_RESTART_DELAY: '3' })
    const plan = await planOf(home)
    expect(plan).to.deep.include({ state: 'outdated', changes: [{ is: 'Delay=10000', becomes: 'Delay=3000' }] })
    expect(plan.actions).to.have.length(2)
  })

  it('shows what somebody else has changed', async () => {
    const home = new ServiceHome()
    await home.install()
    home.manager.edit('CatalystBot', (text) => `${text.replace('Delay=10000', 'Delay=1')}Mine=1\n`)
    expect(await planOf(home)).to.deep.include({
      state: 'edited',
      changes: [
        { is: 'Delay=1', becomes: 'Delay=10000' },
        { is: 'Mine=1', becomes: undefined },
      ],
    })
  })

  it('asks nothing about an edited entry that already is as desired, but puts it in force', async () => {
    const home = new ServiceHome()
    await home.install()
    home.manager.edit('CatalystBot', (text) => text.replace('Delay=10000', 'Delay=1000'))
    home.settings({ SERVICE_RESTART_DELAY: '1' }) // as after an update that was cut off before it was remembered
    const plan = await planOf(home)
    expect(plan).to.deep.include({ state: 'outdated', changes: [{ is: 'Delay=10000', becomes: 'Delay=1000' }] })
    expect(plan.actions).to.have.length(2)
  })

  it('repairs an entry that does not start with the machine, without a question', async () => {
    const home = new ServiceHome()
    await home.install()
    home.manager.reads = { automatic: false }
    const plan = await planOf(home)
    expect(plan).to.deep.include({ state: 'outdated', changes: [] })
    expect(plan.actions).to.have.length(2)
  })

  it('moves the entry of a home that was moved, even if the running bot made the old folder anew', async () => {
    const old = new ServiceHome()
    await old.install()
    const target = join(tempFolder(), 'moved')
    renameSync(old.home, target)
    mkdirSync(join(old.home, 'data', 'logs'), { recursive: true })
    const plan = await planOf(new ServiceHome({}, { manager: old.manager, home: target }))
    expect(plan.changes).to.deep.include({ is: `Home=${old.home}`, becomes: `Home=${target}` })
  })

  it("never takes the entry of another home of the same name, though that one's disk is away just now", async () => {
    const away = new ServiceHome()
    await away.install()
    renameSync(away.home, `${away.home}-away`)
    const other = new ServiceHome({}, { manager: away.manager })
    expect((await failureOf(planOf(other))).code).to.equal('SERVICE_NAME_TAKEN')
    renameSync(`${away.home}-away`, away.home)
  })

  it('never lets the files of the home choose the account, if root would follow them', async () => {
    const home = new ServiceHome({}, { manager: new FakeManager({ scope: 'system' }) })
    await home.install()
    const { bot } = readInstalled(home.paths)
    home.services.writeInstalled({ bot: { ...(bot as NonNullable<typeof bot>), account: 'another' } })
    home.settings({ SERVICE_RESTART_DELAY: '3' })
    expect((await planRefresh(home.services))?.spec.account).to.equal(accountFor(home.services, undefined).account)
  })

  it('never changes an entry that is not ours, and suggests another name', async () => {
    const home = new ServiceHome()
    home.manager.put('CatalystBot', 'Run=/bin/other\n')
    const error = await failureOf(planOf(home))
    expect(error).to.include({ code: 'SERVICE_NAME_TAKEN', exit: EXIT.failed })
    expect(error.suggestions.join()).to.contain('--name CatalystBot-2')
    expect(await planOf(home, 'CatalystBot-2')).to.include({ state: 'new' })
  })

  it('refuses a second name, and keeps the current one', async () => {
    const home = new ServiceHome()
    await home.install(['bot'], { name: 'First' })
    const error = await failureOf(planOf(home, 'Second'))
    expect(error).to.include({ code: 'USAGE', exit: EXIT.usage })
    expect(error.message).to.equal("This home's bot is the service First already.")
    expect(await planOf(home, 'First')).to.include({ state: 'unchanged' })
    expect((await planOf(home)).spec.name).to.equal('First')
  })

  it('refuses a name that no manager accepts', async () => {
    expect(await failureOf(planOf(new ServiceHome(), 'a/b'))).to.include({ code: 'USAGE' })
  })

  it('asks its manager first whether it can be used at all', async () => {
    const home = new ServiceHome()
    home.manager.refuses = new CatalystError('no', { code: 'SERVICE_MANAGER_MISSING', exit: EXIT.failed })
    expect(await failureOf(planOf(home))).to.equal(home.manager.refuses)
  })

  it('refuses a missing program', async () => {
    const home = new ServiceHome()
    rmSync(home.runtime.cli)
    const error = await failureOf(planOf(home))
    expect(error).to.include({ code: 'SERVICE_PATH_UNREADABLE', exit: EXIT.failed })
    expect(error.message).to.contain(home.runtime.cli)
  })
})

describe('installing a service', () => {
  it('makes the entry and records all of it, with the versions', async () => {
    const home = new ServiceHome()
    const at = new Date(home.clock.now()).toISOString()
    const { asked, questions } = answering()
    expect(await installing(home, questions)).to.deep.equal([
      { name: 'CatalystBot', role: 'bot', installed: 'installed', started: false, pid: null, health: null },
    ])
    expect(asked).to.deep.equal(['start CatalystBot'])
    const definition = home.manager.files()['CatalystBot.unit']
    expect(definition).to.contain(`Home=${home.home}`)
    expect(readInstalled(home.paths)).to.deep.equal({
      bot: {
        name: 'CatalystBot',
        manager: 'systemd',
        scope: 'user',
        definition,
        node: home.runtime.node,
        node_version: process.version,
        cli: home.runtime.cli,
        at,
      },
    })
    expect(home.journal()).to.deep.equal([
      {
        time: at,
        kind: 'service.install',
        name: 'CatalystBot',
        role: 'bot',
        manager: 'systemd',
        scope: 'user',
        by: asker(),
      },
    ])
    expect(existsSync(home.paths.logs)).to.equal(true)
  })

  it('records the chosen account', async () => {
    const home = new ServiceHome()
    await installing(home, answering().questions, ['bot'], { account: 'ann' })
    expect(readInstalled(home.paths).bot?.account).to.equal('ann')
    expect(home.manager.files()['CatalystBot.unit']).to.contain('Account=ann')
  })

  it('starts it if asked to, and returns its pid', async () => {
    const home = new ServiceHome()
    const [result] = await installing(home, answering({ start: true }).questions)
    expect(result).to.include({ installed: 'installed', started: true, pid: 100 })
    expect(home.kinds()).to.deep.equal(['service.install', 'service.start'])
  })

  it('changes nothing and asks nothing when repeated', async () => {
    const home = new ServiceHome()
    await installing(home, answering({ start: true }).questions)
    const before = home.manager.files()
    const { asked, questions } = answering()
    expect(await installing(home, questions)).to.deep.equal([
      { name: 'CatalystBot', role: 'bot', installed: 'unchanged', started: false, pid: 100, health: null },
    ])
    expect(asked).to.deep.equal([])
    expect(home.manager.files()).to.deep.equal(before)
    expect(home.kinds()).to.deep.equal(['service.install', 'service.start'])
  })

  it('asks only about the start when repeated after a refusal to start', async () => {
    const home = new ServiceHome()
    await installing(home, answering().questions)
    const { asked, questions } = answering({ start: true })
    expect((await installing(home, questions))[0]).to.include({ installed: 'unchanged', started: true, pid: 100 })
    expect(asked).to.deep.equal(['start CatalystBot'])
  })

  it('restarts a running service when repeated after a change, so that it applies', async () => {
    const home = new ServiceHome()
    await installing(home, answering({ start: true }).questions)
    home.settings({ SERVICE_RESTART_DELAY: '3', FEATURE_HEALTH_ENDPOINT: '0' })
    const { asked, questions } = answering({ start: true })
    expect((await installing(home, questions))[0]).to.include({ installed: 'updated', started: true, pid: 101 })
    expect(asked).to.deep.equal(['restart CatalystBot'])
    expect(readInstalled(home.paths).bot?.definition).to.contain('Delay=3000')
  })

  it('keeps an edited entry if the answer is no', async () => {
    const home = new ServiceHome()
    await installing(home, answering().questions)
    home.manager.edit('CatalystBot', (text) => `${text}Mine=1\n`)
    const before = home.manager.files()
    const remembered = readInstalled(home.paths)
    const { asked, questions } = answering({ replace: false })
    expect((await installing(home, questions))[0]).to.include({ installed: 'kept', started: false })
    expect(asked[0]).to.equal('replace CatalystBot')
    expect(home.manager.files()).to.deep.equal(before)
    expect(readInstalled(home.paths)).to.deep.equal(remembered)
  })

  it('does not restart a running service whose entry was kept', async () => {
    const home = new ServiceHome()
    await installing(home, answering({ start: true }).questions)
    home.manager.edit('CatalystBot', (text) => `${text}Mine=1\n`)
    const { asked, questions } = answering({ replace: false, start: true })
    expect((await installing(home, questions))[0]).to.include({ installed: 'kept', started: false, pid: 100 })
    expect(asked).to.deep.equal(['replace CatalystBot'])
  })

  it('replaces an edited entry if the answer is yes', async () => {
    const home = new ServiceHome()
    await installing(home, answering().questions)
    const before = home.manager.files()
    home.manager.edit('CatalystBot', (text) => `${text}Mine=1\n`)
    expect((await installing(home, answering({ replace: true }).questions))[0]).to.include({ installed: 'replaced' })
    expect(home.manager.files()).to.deep.equal(before)
  })

  it('names the settings that did not take effect, and records nothing', async () => {
    const home = new ServiceHome()
    home.manager.loses = 'Silence='
    const error = await failureOf(installing(home, answering({ start: true }).questions))
    expect(error).to.include({ code: 'SERVICE_COMMAND_FAILED', exit: EXIT.failed })
    expect(error.message).to.equal(
      'These settings of the service CatalystBot did not take effect:\n- expected Silence=300000, but found nothing',
    )
    expect(readInstalled(home.paths)).to.deep.equal({})
    expect(home.kinds()).to.deep.equal([])
    expect(home.manager.isRunning('CatalystBot')).to.equal(false)
  })

  it('reports what is not permitted', async () => {
    const home = new ServiceHome()
    home.manager.broken.set('install', 'not allowed')
    const error = await failureOf(installing(home, answering().questions))
    expect(error).to.include({ code: 'NOT_ALLOWED', exit: EXIT.notAllowed })
    expect(error.suggestions).to.deep.equal(['Run: sudo install'])
    expect(readInstalled(home.paths)).to.deep.equal({})
  })

  it('continues after an interruption', async () => {
    const home = new ServiceHome()
    await installing(home, answering().questions)
    rmSync(home.paths.services) // as if it had been ended before it could remember
    expect((await installing(home, answering().questions))[0]).to.include({ installed: 'unchanged' })
    expect(readInstalled(home.paths).bot?.name).to.equal('CatalystBot')
  })

  it('is shown by a dry run as it would be done, and no more than that', async () => {
    const home = new ServiceHome()
    const planned = async (start: boolean) =>
      dryRun(home.services, await planAll(home.services, ['bot'], home.options()), start)
    const [folder, write, begin, ...more] = await planned(true)
    expect(folder).to.equal(`make the folder ${home.paths.logs}`)
    expect(write).to.match(/^write .*CatalystBot\.unit\n {4}Home=/)
    expect(begin).to.match(/^write .*CatalystBot\.running\n/)
    expect(more).to.deep.equal([])
    expect(await planned(false)).to.have.length(2)
    expect(home.manager.files()).to.deep.equal({})
    await home.install(['bot'], { start: true })
    expect(await planned(true), 'what runs as it should').to.deep.equal([])
    home.manager.edit('CatalystBot', (text) => text.replace('Delay=10000', 'Delay=7'))
    expect((await planned(true)).slice(0, 1)).to.deep.equal([
      `replace, after your confirmation, what was edited by hand in ${join(home.manager.folder, 'CatalystBot.unit')}\n- Delay=7\n+ Delay=10000`,
    ])
  })

  it('shows that it switches the watchdog on', async () => {
    const home = new ServiceHome()
    const [set] = await dryRun(home.services, await planAll(home.services, ['watchdog'], home.options()), true)
    expect(set).to.equal(`set WATCHDOG_ENABLED=1 in ${join(home.home, '.env')}`)
  })

  it('sets a password that was given anew, though nothing else has changed', async () => {
    const home = new ServiceHome()
    await home.install()
    const again = planInstall(home.services, 'bot', { ...home.options(), watched: false, withPassword: true })
    expect(await again).to.deep.include({ state: 'outdated', changes: [] })
  })

  it('repairs an installed watchdog that is switched on, too, without a role', async () => {
    const home = new ServiceHome({ WATCHDOG_ENABLED: '1' })
    expect(rolesToInstall(home.services, undefined, false)).to.deep.equal(['bot'])
    await home.install(['bot', 'watchdog'])
    expect(rolesToInstall(home.services, undefined, false)).to.deep.equal(['bot', 'watchdog'])
    expect(rolesToInstall(home.services, 'bot', false)).to.deep.equal(['bot'])
    home.settings({})
    expect(rolesToInstall(home.services, undefined, false)).to.deep.equal(['bot'])
  })

  if (process.geteuid?.() === 0) {
    it("by root leaves in the home nothing that is root's", async () => {
      const home = homeOf(nobody)
      await installing(home, answering({ start: true }).questions)
      for (const path of [home.paths.logs, home.paths.data, home.paths.services, home.paths.state, home.paths.journal])
        expect(statSync(path).uid, path).to.equal(nobody.uid)
      await installing(home, answering({ watchdog: true }).questions, ['watchdog'])
      expect(statSync(join(home.home, '.env')).uid).to.equal(nobody.uid)
    })
  }
})

const nobody = { uid: 65_534, gid: 65_534, name: 'nobody', folder: '/' }

function homeOf(owner: typeof nobody): ServiceHome {
  const home = new ServiceHome({}, { owner })
  for (const path of [home.home, join(home.home, '.env')]) chownSync(path, owner.uid, owner.gid)
  return home
}

describe('installing the watchdog beside the bot', () => {
  it('makes two entries, and doubles the silence that the manager tolerates', async () => {
    const home = new ServiceHome({ WATCHDOG_ENABLED: '1' })
    const results = await installing(home, answering({ start: true }).questions, ['bot', 'watchdog'])
    expect(results.map(({ name, installed, pid }) => [name, installed, pid])).to.deep.equal([
      ['CatalystBot', 'installed', 100],
      ['CatalystBot-watchdog', 'installed', 101],
    ])
    const files = home.manager.files()
    expect(files['CatalystBot.unit']).to.contain('Silence=600000')
    expect(files['CatalystBot-watchdog.unit']).to.contain('Silence=undefined')
  })

  it('uses one name for both', async () => {
    const home = new ServiceHome({ WATCHDOG_ENABLED: '1' })
    const results = await installing(home, answering().questions, ['bot', 'watchdog'], { name: 'Mine' })
    expect(results.map(({ name }) => name)).to.deep.equal(['Mine', 'Mine-watchdog'])
  })

  it('brings the bot up to date first, also later', async () => {
    const home = new ServiceHome({ WATCHDOG_ENABLED: '1' })
    await installing(home, answering().questions)
    const results = await installing(home, answering().questions, ['watchdog'])
    expect(results.map(({ role, installed }) => [role, installed])).to.deep.equal([
      ['bot', 'updated'],
      ['watchdog', 'installed'],
    ])
    expect((await installing(home, answering().questions, ['bot']))[0], 'and it stays so').to.include({
      installed: 'unchanged',
    })
  })

  it('leaves a bot alone that is not a service', async () => {
    const home = new ServiceHome({ WATCHDOG_ENABLED: '1' })
    expect((await installing(home, answering().questions, ['watchdog'])).map(({ role }) => role)).to.deep.equal([
      'watchdog',
    ])
  })

  it('asks before it switches it on, and writes only that', async () => {
    const home = new ServiceHome()
    const file = join(home.home, '.env')
    writeFileSync(file, '# mine\nWATCHDOG_ENABLED=0\nBOT_NAME=News\n')
    chmodSync(file, 0o600)
    const { asked, questions } = answering({ watchdog: true })
    await installing(home, questions, ['watchdog'])
    expect(asked[0]).to.equal('enable the watchdog')
    expect(readFileSync(file, 'utf8')).to.equal('# mine\nWATCHDOG_ENABLED=1\nBOT_NAME=News\n')
    if (process.platform !== 'win32') expect((statSync(file).mode & 0o777).toString(8)).to.equal('600')
    const again = answering()
    await installing(home, again.questions, ['watchdog'])
    expect(again.asked).to.deep.equal(['start News-watchdog'])
  })

  it('makes settings that nobody else can read, if there were none', async () => {
    const home = new ServiceHome()
    rmSync(join(home.home, '.env'))
    await installing(home, answering({ watchdog: true }).questions, ['watchdog'])
    expect(readFileSync(join(home.home, '.env'), 'utf8')).to.equal('WATCHDOG_ENABLED=1\n')
    if (process.platform !== 'win32')
      expect((statSync(join(home.home, '.env')).mode & 0o777).toString(8)).to.equal('600')
  })

  it('goes on if the bot does not come up, and fails with the result of each', async () => {
    const home = new ServiceHome({ WATCHDOG_ENABLED: '1' })
    home.manager.stillborn.set('start', 1)
    const error = await failureOf(installing(home, answering({ start: true }).questions, ['bot', 'watchdog']))
    expect(error).to.include({ code: 'SERVICE_NOT_RUNNING', exit: 1 })
    expect(error.message).to.equal(
      'The service CatalystBot does not run: stopped.\nCatalystBot-watchdog is installed and runs (pid 100).',
    )
    expect(Object.keys(readInstalled(home.paths))).to.deep.equal(['bot', 'watchdog'])
  })

  it('says that the watchdog was left out if the bot could not be installed, and what to type', async () => {
    const home = new ServiceHome({ WATCHDOG_ENABLED: '1' })
    home.manager.loses = 'Delay='
    const error = await failureOf(installing(home, answering({ start: true }).questions, ['bot', 'watchdog']))
    expect(error).to.include({ code: 'SERVICE_COMMAND_FAILED', exit: 1 })
    expect(error.message).to.match(/did not take effect[\s\S]*\nCatalystBot-watchdog was not installed\.$/)
    expect(error.suggestions.at(-1)).to.equal('Then install what was left out: catalyst service install watchdog')
  })

  it('says that the bot runs if its watchdog does not come up', async () => {
    const home = new ServiceHome({ WATCHDOG_ENABLED: '1' })
    await installing(home, answering({ start: true }).questions, ['bot'])
    home.manager.stillborn.set('start', 1)
    const error = await failureOf(installing(home, answering({ start: true }).questions, ['bot', 'watchdog']))
    expect(error).to.include({ code: 'SERVICE_NOT_RUNNING', exit: 1 })
    expect(error.message).to.equal(
      'The service CatalystBot-watchdog does not run: stopped.\nCatalystBot is installed and runs (pid 101).',
    )
  })

  it('changes nothing if the watchdog is to stay off', async () => {
    const home = new ServiceHome()
    const error = await failureOf(installing(home, answering().questions, ['bot', 'watchdog']))
    expect(error).to.include({ code: 'WATCHDOG_OFF', exit: EXIT.settings })
    expect(home.manager.files()).to.deep.equal({})
    expect(readFileSync(join(home.home, '.env'), 'utf8')).to.not.contain('WATCHDOG_ENABLED')
  })
})

describe("the bot's entry", () => {
  it('becomes that of a bot without a watchdog when that is removed, and keeps its node', async () => {
    const home = new ServiceHome({ WATCHDOG_ENABLED: '1' })
    await home.install(['bot', 'watchdog'])
    const { bot } = readInstalled(home.paths)
    const { bot: entry } = await home.turning(uninstallAll(home.services, ['watchdog'], home.onWait))
    expect(entry).to.deep.equal({ name: 'CatalystBot', entry: 'updated' })
    expect(home.manager.files()['CatalystBot.unit']).to.contain('Silence=300000')
    expect(readInstalled(home.paths).bot).to.include({
      node: bot?.node,
      cli: bot?.cli,
      node_version: bot?.node_version,
    })
    expect(readInstalled(home.paths).watchdog).to.equal(undefined)
  })

  it('stays as somebody has edited it', async () => {
    const home = new ServiceHome({ WATCHDOG_ENABLED: '1' })
    await home.install(['bot', 'watchdog'])
    home.manager.edit('CatalystBot', (text) => `${text}Mine=1\n`)
    const { bot: entry } = await home.turning(uninstallAll(home.services, ['watchdog'], home.onWait))
    expect(entry).to.deep.equal({ name: 'CatalystBot', entry: 'kept' })
    expect(home.manager.files()['CatalystBot.unit']).to.contain('Mine=1')
  })

  it('keeps its account', async () => {
    const home = new ServiceHome({}, { manager: new FakeManager({ kind: 'nssm' }) })
    await installing(home, answering().questions, ['bot'], { account: 'ann' })
    home.settings({ SERVICE_RESTART_DELAY: '3' })
    expect((await planRefresh(home.services))?.changes).to.deep.equal([{ is: 'Delay=10000', becomes: 'Delay=3000' }])
  })
})

describe('the account of a service', () => {
  const servicesOf = (manager: FakeManager, uid: number) =>
    new ServiceHome({}, { manager, owner: { ...currentUser(), uid, name: uid === 0 ? 'root' : 'ann' } }).services

  it("is the home's owner in the machine's manager, and root only with a warning", () => {
    const system = () => new FakeManager({ scope: 'system' })
    expect(accountFor(servicesOf(system(), 1001), undefined)).to.deep.equal({ account: 'ann', warnings: [] })
    expect(accountFor(servicesOf(system(), 0), undefined)).to.deep.equal({
      account: undefined,
      warnings: ['the home belongs to root, so the bot runs as root'],
    })
  })

  it("is the user in the user's own manager", () => {
    for (const uid of [1001, 0])
      expect(accountFor(servicesOf(new FakeManager({ scope: 'user' }), uid), undefined)).to.deep.equal({
        account: undefined,
        warnings: [],
      })
  })

  it('is the given one on Windows, and on Windows only', () => {
    const windows = new FakeManager({ kind: 'nssm', scope: 'system' })
    expect(accountFor(servicesOf(windows, -1), 'CORP\\ann')).to.deep.equal({ account: 'CORP\\ann', warnings: [] })
    expect(accountFor(servicesOf(windows, -1), undefined)).to.deep.equal({ account: undefined, warnings: [] })
    for (const kind of ['systemd', 'launchd'] as const)
      for (const scope of ['system', 'user'] as const)
        expect(() => accountFor(servicesOf(new FakeManager({ kind, scope }), 1001), 'ann'))
          .to.throw(CatalystError)
          .that.includes({ code: 'USAGE', exit: EXIT.usage })
  })
})

describe('carrying a plan out', () => {
  it('writes no journal entry for an unchanged service', async () => {
    const home = new ServiceHome()
    await home.install()
    await install(home.services, await planOf(home))
    expect(home.kinds()).to.deep.equal(['service.install'])
  })
})
