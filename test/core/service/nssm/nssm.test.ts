import { chmodSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { textOf } from '#core/platform/process/processes.js'
import { currentUser } from '#core/platform/process/users.js'
import { type Action, carryOut, shownOn } from '#core/service/action.js'
import type { ServiceManager } from '#core/service/manager.js'
import { type NssmOptions, nssm } from '#core/service/nssm/nssm.js'
import { argumentLine } from '#core/service/nssm/nssm-args.js'
import { homeFault } from '#core/service/nssm/nssm-home.js'
import { applicationPid, endOf } from '#core/service/nssm/nssm-output.js'
import { expectGolden } from '../../../support/golden.js'
import { tempFolder } from '../../../support/temp.js'
import { type FakeAnswer, type FakeProgram, fakeProgram, regFile } from '../fake-programs.js'
import { registryOf, spec } from '../windows-spec.js'

type Answers = Readonly<Record<string, FakeAnswer>>

const NAME = spec.name
const NO_KEY: Answers = { export: { exit: 1, err: 'ERROR: The system was unable to find the specified registry key' } }
const NO_SERVICE: FakeAnswer = { exit: 3, err: "Can't open service!\r\n", wide: true }
const VERSION: FakeAnswer = { out: 'NSSM 2.24-101-g897c7ad 64-bit 2017-04-26\r\n' }
const PENDING: FakeAnswer = {
  exit: 1,
  err: `${NAME}: Unexpected status SERVICE_START_PENDING in response to START control.\r\n`,
  wide: true,
}

interface Fakes {
  readonly manager: ServiceManager
  readonly program: FakeProgram
  readonly reg: FakeProgram
}

function withFakes(
  answers: { nssm?: Answers; reg?: Answers; sc?: Answers } = {},
  options: Partial<NssmOptions> = {},
): Fakes {
  const folder = tempFolder()
  const program = fakeProgram(folder, 'nssm', answers.nssm)
  const reg = fakeProgram(folder, 'reg', answers.reg ?? NO_KEY)
  const sc = fakeProgram(folder, 'sc', answers.sc ?? { queryex: { exit: 1 } })
  const programs = { reg: reg.path, sc: sc.path, icacls: 'C:\\Windows\\System32\\icacls.exe' }
  const elevated = { home: spec.home, program: program.path, elevated: true, userSid: 'S-1-5-21-1-2-3-1001', programs }
  return { manager: nssm({ ...elevated, ...options }), program, reg }
}

/** With this in the registry. */
function keys(of: Parameters<typeof regFile>[0]): Answers {
  return { export: { file: regFile(of) } }
}

function argvOf(actions: readonly Action[]): string[][] {
  return actions.map((action) => (action.do === 'run' ? action.argv.slice(1) : [action.do]))
}

async function failure(work: Promise<unknown>): Promise<{ code: string; exit: number; text: string }> {
  try {
    await work
  } catch (error) {
    const { code, exit, message, suggestions } = error as Error & { code: string; exit: number; suggestions: string[] }
    return { code, exit, text: [message, ...suggestions].join('\n') }
  }
  throw new Error('it did not fail')
}

describe("installing NSSM's service", () => {
  const managerWith = (password?: string) =>
    nssm({
      home: spec.home,
      program: 'C:\\nssm\\win64\\nssm.exe',
      elevated: true,
      userSid: 'S-1-5-21-1-2-3-1001',
      password,
      programs: { reg: 'reg', sc: 'sc', icacls: 'C:\\Windows\\System32\\icacls.exe' },
    })

  const golden = (password?: string, account?: string) => {
    const [manager, all] = [managerWith(password), { ...spec, account }]
    return [...manager.install(all, undefined), ...(manager.upkeep?.(all) ?? [])]
  }

  it('runs these commands', () => {
    expectGolden(
      'service/nssm.txt',
      `${golden()
        .map((action) => shownOn('win32', action))
        .join('\n')}\n`,
    )
  })

  it('passes a password on, and never shows it', () => {
    const actions = golden('geh eim', '.\\Ann')
    expect(argvOf(actions)).to.deep.include(['set', NAME, 'ObjectName', '.\\Ann', 'geh eim'])
    const text = actions.map((action) => shownOn('win32', action)).join('\n')
    expect(text).to.include('set NewsBot ObjectName .\\Ann ********')
    expect(text).to.not.include('geh eim')
    expect(text).to.include('ann:F')
  })

  it('changes an existing one, and resets exceptions that others have made', async () => {
    const registry = registryOf(spec)
    const exits = { ...registry[`${NAME}\\Parameters\\AppExit`], 0: 'Exit', 5: 'Ignore' }
    const { manager } = withFakes({ reg: keys({ ...registry, [`${NAME}\\Parameters\\AppExit`]: exits }) })
    const found = await manager.find(NAME)
    expect(found?.definition).to.include('AppExit 0=Exit\n')
    const commands = argvOf(manager.install(spec, found))
    expect(commands.map(([command]) => command)).to.not.include('install')
    expect(commands.filter(([command]) => command === 'reset')).to.deep.equal([
      ['reset', NAME, 'AppExit', '0'],
      ['reset', NAME, 'AppExit', '5'],
    ])
  })

  it('records the home first, and last that it is complete and starts with the machine', () => {
    const commands = argvOf(managerWith().install(spec, undefined))
    expect(commands.slice(0, 4)).to.deep.equal([
      ['install', NAME, spec.program, argumentLine(spec.args)],
      ['set', NAME, 'Start', 'SERVICE_DEMAND_START'],
      ['set', NAME, 'AppDirectory', spec.home],
      ['set', NAME, 'AppEnvironmentExtra', `CATALYST_SERVICE=${NAME}`, 'CATALYST_UNFINISHED=1'],
    ])
    expect(commands.slice(-2)).to.deep.equal([
      ['set', NAME, 'Start', 'SERVICE_AUTO_START'],
      ['set', NAME, 'AppEnvironmentExtra', `CATALYST_SERVICE=${NAME}`],
    ])
  })

  it('does nothing if an account lacks its password, and says how to give it', async () => {
    const { manager } = withFakes()
    const { code, text } = await failure(
      Promise.resolve().then(() => manager.install({ ...spec, account: 'CORP\\ann' }, undefined)),
    )
    expect(code).to.equal('USAGE')
    expect(text).to.include('CORP\\ann').and.include('CATALYST_ACCOUNT_PASSWORD')
  })

  it('stops at an account that Windows refuses: such a service never starts with the machine', async () => {
    const [account, password] = ['.\\Ann', 'wrong']
    const refused = { exit: 6, err: 'The account name is invalid or does not exist.', wide: true }
    const { manager, program } = withFakes(
      { nssm: { [`set ${NAME} ObjectName`]: refused, install: {}, set: {} } },
      { password },
    )
    const { text } = await failure(carryOut(manager.install({ ...spec, account }, undefined), currentUser()))
    expect(text).to.include('The account name is invalid').and.not.include(password)
    expect(program.calls().filter(([, , setting]) => setting === 'Start')).to.deep.equal([
      ['set', NAME, 'Start', 'SERVICE_DEMAND_START'],
    ])
  })

  it('names a user of this machine as Windows expects it', () => {
    expect(argvOf(golden('x', 'Ann'))).to.deep.include(['set', NAME, 'ObjectName', '.\\Ann', 'x'])
  })

  it('gives NSSM an empty password for an account that the domain manages', () => {
    const actions = golden(undefined, 'CORP\\bot$')
    expect(argvOf(actions)).to.deep.include(['set', NAME, 'ObjectName', 'CORP\\bot$', ''])
    const text = actions.map((action) => shownOn('win32', action)).join('\n')
    expect(text).to.match(/set NewsBot ObjectName "?CORP\\bot\$"? ""$/m)
  })

  it('asks for no password of accounts that have none', () => {
    for (const account of ['LocalService', 'NT AUTHORITY\\NETWORK SERVICE', `NT SERVICE\\${NAME}`])
      expect(argvOf(golden(undefined, account))).to.deep.include(['set', NAME, 'ObjectName', account])
  })

  it('asks for no password if the account stays', async () => {
    const account = '.\\Ann'
    const { manager } = withFakes({ reg: keys(registryOf({ ...spec, account })) })
    const found = await manager.find(NAME)
    const accountsSet = (of?: string) =>
      argvOf(manager.install({ ...spec, account: of }, found)).filter((words) => words[2] === 'ObjectName')
    expect(accountsSet('ann')).to.deep.equal([])
    expect(() => accountsSet('bob')).to.throw('needs that account')
    expect(accountsSet()).to.deep.equal([['set', NAME, 'ObjectName', 'LocalSystem']])
  })

  it('leaves the permissions alone if the installing user is unknown', () => {
    expect(withFakes({}, { userSid: undefined }).manager.upkeep?.(spec)).to.deep.equal([])
  })

  it('warns if Windows does not close .env, and goes on', async () => {
    const home = tempFolder()
    const icacls = fakeProgram(home, 'icacls', { '*': { exit: 5, err: 'Access is denied.' } })
    const programs = { reg: 'reg', sc: 'sc', icacls: icacls.path }
    const { manager } = withFakes({}, { programs })
    const actions = (manager.upkeep?.({ ...spec, home }) ?? []).map((action) =>
      action.do === 'run' ? { ...action, about: action.about?.replaceAll('\\', '/') ?? '' } : action,
    )
    const told = () => written(() => carryOut(actions, currentUser()))
    expect(await told(), 'where there is nothing yet').to.equal('')
    expect(icacls.calls()).to.deep.equal([])
    writeFileSync(join(home, '.env'), '')
    expect(await told()).to.match(/^catalyst: .*\.env may be readable by others on this machine: Access is denied\.\n$/)
    rmSync(icacls.path)
    expect(await told(), 'without the program, too').to.include('may be readable by others on this machine: ENOENT')
  })

  it("reports NSSM's error when it fails", async () => {
    const { manager } = withFakes({ nssm: { install: { exit: 5, err: 'CreateService(): exists.\r\n', wide: true } } })
    const { code, text } = await failure(carryOut(manager.install(spec, undefined), currentUser()))
    expect(code).to.equal('SERVICE_COMMAND_FAILED')
    expect(text).to.include('CreateService(): exists.')
  })
})

/** What is written on standard error meanwhile. */
async function written(work: () => Promise<unknown>): Promise<string> {
  const { write } = process.stderr
  let text = ''
  process.stderr.write = (chunk: string | Uint8Array) => {
    text += chunk
    return true
  }
  try {
    await work()
  } finally {
    process.stderr.write = write
  }
  return text
}

describe("finding NSSM's service", () => {
  it('finds none', async () => {
    const { manager, reg } = withFakes({ nssm: { status: NO_SERVICE } })
    expect(await manager.find(NAME)).to.equal(undefined)
    expect(reg.calls()[0]?.slice(0, 2)).to.deep.equal(['export', 'HKLM\\SYSTEM\\CurrentControlSet\\Services\\NewsBot'])
  })

  it('reads back what was installed, down to the last letter', async () => {
    const { manager } = withFakes({ reg: keys(registryOf(spec)) })
    const found = await manager.find(NAME)
    expect(found).to.deep.equal({
      home: spec.home,
      definition: manager.definition(spec),
      place: 'HKLM\\SYSTEM\\CurrentControlSet\\Services\\NewsBot',
    })
  })

  const withWindows = (values: Record<string, string | number>) => {
    const registry = registryOf(spec)
    return withFakes({ reg: keys({ ...registry, [NAME]: { ...registry[NAME], ...values } }) }).manager
  }

  it("recognizes one that is marked for deletion, and can't be changed any more", async () => {
    const manager = withWindows({ DeleteFlag: 1 })
    const found = await manager.find(NAME)
    expect(found?.fault?.why).to.equal('Windows has marked it for deletion')
    expect(() => manager.install(spec, found)).to.throw('marked it for deletion')
    expect((await withWindows({ DeleteFlag: 0 }).find(NAME))?.fault).to.equal(undefined)
  })

  it('recognizes one whose own NSSM is gone', async () => {
    const gone = join(tempFolder(), 'nssm.exe')
    for (const ImagePath of [gone, `"${gone}"`]) {
      const manager = withWindows({ ImagePath })
      const found = await manager.find(NAME)
      expect(found?.fault?.why).to.equal(`${gone}, the NSSM that it runs by, is gone`)
      expect(() => manager.install(spec, found)).to.throw(gone)
    }
    for (const ImagePath of [`"${process.execPath}"`, '%SystemRoot%\\nssm.exe', ''])
      expect((await withWindows({ ImagePath }).find(NAME))?.fault, ImagePath).to.equal(undefined)
  })

  it("recognizes its own though only NSSM can read it, and does not take it for anybody else's", async () => {
    const nssm = { status: { out: 'SERVICE_RUNNING' }, [`get ${NAME} Name`]: { out: `${NAME}\r\n`, wide: true } }
    const { code, text } = await failure(withFakes({ nssm }).manager.find(NAME))
    expect(code).to.equal('SERVICE_COMMAND_FAILED')
    expect(text).to.include("its settings can't be read").and.include('reg export')
  })

  it('reads back a change', async () => {
    const { manager } = withFakes({ reg: keys(registryOf(spec, { AppThrottle: 1500, AppNoConsole: 1 })) })
    const definition = (await manager.find(NAME))?.definition
    expect(definition).to.equal(
      manager
        .definition(spec)
        .replace('AppThrottle=1\n', 'AppThrottle=1500\n')
        .replace('AppNoConsole=0\n', 'AppNoConsole=1\n'),
    )
  })

  for (const [start, delayed, said] of [
    [2, 0, 'SERVICE_AUTO_START'],
    [2, 1, 'SERVICE_DELAYED_AUTO_START'],
    [3, 0, 'SERVICE_DEMAND_START'],
    [4, 0, 'SERVICE_DISABLED'],
  ] as const) {
    it(`reads back ${said}`, async () => {
      const registry = registryOf(spec)
      const windows = { ...registry[NAME], Start: start, DelayedAutostart: delayed }
      const { manager } = withFakes({ reg: keys({ ...registry, [NAME]: windows }) })
      expect((await manager.find(NAME))?.definition).to.include(`\nStart=${said}\n`)
    })
  }

  it('recognizes a service that is not ours, although NSSM made it', async () => {
    const other = registryOf({ ...spec, environment: { PATH: 'C:\\' } })
    const { manager } = withFakes({ reg: keys(other) })
    const found = await manager.find(NAME)
    expect(found?.home).to.equal(undefined)
    expect(found?.definition).to.not.equal('')
  })

  it("recognizes a service that is not NSSM's", async () => {
    const { manager } = withFakes({ reg: keys({ [NAME]: { ImagePath: 'C:\\other.exe', Start: 2 } }) })
    expect(await manager.find(NAME)).to.deep.equal({
      home: undefined,
      definition: '',
      place: 'HKLM\\SYSTEM\\CurrentControlSet\\Services\\NewsBot',
    })
  })

  it('recognizes one that only has this display name: NSSM would act on it', async () => {
    const { manager } = withFakes({ nssm: { status: { out: 'SERVICE_RUNNING\r\n' } } })
    expect(await manager.find(NAME)).to.deep.equal({
      home: undefined,
      definition: '',
      place: 'a service that is shown as NewsBot',
    })
  })

  it('does not take silence for a result', async () => {
    const { manager } = withFakes({ nssm: { status: { exit: 2, err: "Can't open service manager!" } } })
    expect((await failure(manager.find(NAME))).text).to.include("Can't open service manager!")
  })

  it('finds it without NSSM', async () => {
    const installed = withFakes({ reg: keys(registryOf(spec)) }, { program: undefined })
    expect((await installed.manager.find(NAME))?.home).to.equal(spec.home)
    expect(await withFakes({}, { program: undefined }).manager.find(NAME)).to.equal(undefined)
  })
})

describe("reading NSSM's service", () => {
  const TREE = `${[
    '     724 C:\\nssm\\win64\\nssm.exe',
    '     640  C:\\windows\\system32\\conhost.exe',
    '     760  C:\\Program Files\\nodejs\\node.exe',
    '     761   C:\\Program Files\\nodejs\\node.exe',
  ].join('\r\n')}\r\n`
  const start: Answers = { get: { out: 'SERVICE_AUTO_START\r\n', wide: true }, processes: { out: TREE, wide: true } }
  const status = (word: string): Answers => ({ status: { out: `${word}\r\n`, wide: true }, ...start })

  for (const [word, state] of [
    ['SERVICE_START_PENDING', 'starting'],
    ['SERVICE_STOP_PENDING', 'stopping'],
    ['SERVICE_PAUSED', 'restarting'],
    ['SERVICE_CONTINUE_PENDING', 'starting'],
    ['SERVICE_STOPPED', 'stopped'],
  ] as const) {
    it(`is ${state} at ${word}`, async () => {
      const { manager } = withFakes({ nssm: status(word) })
      const reading = { state, pid: null, since: null, restarts: null, automatic: true, words: word }
      expect(await manager.read(NAME)).to.deep.equal(reading)
    })
  }

  it('is running, as the process that NSSM supervises', async () => {
    const { manager } = withFakes({ nssm: status('SERVICE_RUNNING') })
    expect(await manager.read(NAME)).to.include({ state: 'running', pid: 760 })
  })

  it('shows whether it starts with the machine', async () => {
    for (const [word, automatic] of [
      ['SERVICE_DELAYED_AUTO_START', true],
      ['SERVICE_DEMAND_START', false],
      ['SERVICE_DISABLED', false],
    ] as const) {
      const { manager } = withFakes({ nssm: { ...status('SERVICE_STOPPED'), get: { out: word } } })
      expect((await manager.read(NAME))?.automatic, word).to.equal(automatic)
    }
  })

  it('has failed when Windows has its exit code', async () => {
    const out = 'STATE : 1  STOPPED\r\n  WIN32_EXIT_CODE : 1066  (0x42a)\r\n  SERVICE_EXIT_CODE : 78  (0x4e)\r\n'
    const { manager } = withFakes({ nssm: status('SERVICE_STOPPED'), sc: { queryex: { out } } })
    const failed = { state: 'failed', words: 'SERVICE_STOPPED, exit code 78', ended: { at: null, exit: 78 } }
    expect(await manager.read(NAME)).to.deep.include(failed)
  })

  it('fails with the reason when there was no answer', async () => {
    const { manager, program } = withFakes({ nssm: status('SERVICE_STOPPED') })
    program.answer({ version: VERSION, status: { exit: 7 }, get: {}, processes: {} })
    expect((await failure(manager.read(NAME))).text).to.include(': exit code 7')
  })

  it('reads none if there is none', async () => {
    const { manager } = withFakes({ nssm: { '*': NO_SERVICE } })
    expect(await manager.read(NAME)).to.equal(undefined)
  })

  it('does not take one for missing that it has no permission to query', async () => {
    const { manager } = withFakes({ nssm: { '*': NO_SERVICE }, reg: keys(registryOf(spec)) })
    expect(await failure(manager.read(NAME))).to.include({ code: 'NOT_ALLOWED', exit: 77 })
  })

  it("fails with NSSM's error when it reports no state", async () => {
    const { manager } = withFakes({ nssm: { '*': { exit: 2, err: "Can't open service manager!" } } })
    const { code, text } = await failure(manager.read(NAME))
    expect(code).to.equal('SERVICE_COMMAND_FAILED')
    expect(text).to.include("Can't open service manager!")
  })
})

describe("starting and stopping NSSM's service", () => {
  it('never runs an NSSM of the current folder if it was not found', () => {
    const { manager } = withFakes({}, { program: undefined })
    for (const verb of ['start', 'stop', 'restart', 'uninstall'] as const)
      expect(() => manager[verb](NAME), verb)
        .to.throw('no nssm.exe in PATH')
        .that.includes({ code: 'SERVICE_MANAGER_MISSING' })
  })

  it("reports NSSM's error of a start that failed", async () => {
    const err = `${NAME}: START: The service did not start due to a logon failure.\r\n`
    const { manager } = withFakes({ nssm: { start: { exit: 1, err, wide: true }, continue: {} } })
    expect(await carryOut(manager.start(NAME), currentUser())).to.deep.equal([err.trim()])
  })

  it('takes no exit code for a failure', async () => {
    const { manager, program } = withFakes({ nssm: { '*': PENDING } })
    const user = currentUser()
    for (const actions of [manager.start(NAME), manager.restart(NAME), manager.stop(NAME)])
      await carryOut(actions, user)
    expect(program.calls()).to.deep.equal([
      ['start', NAME],
      ['continue', NAME], // it may be in the pause before a restart
      ['restart', NAME],
      ['stop', NAME],
    ])
  })

  it('tells a person without permission what to run instead', async () => {
    const { manager } = withFakes(
      { nssm: { '*': { exit: 3, err: 'Access is denied.', wide: true } } },
      { elevated: false },
    )
    for (const actions of [manager.start(NAME), manager.stop(NAME), manager.restart(NAME)]) {
      const { code, exit, text } = await failure(carryOut(actions, currentUser()))
      expect([code, exit]).to.deep.equal(['NOT_ALLOWED', 77])
      expect(text).to.include('Access is denied.')
      expect(text).to.include(`--home "${spec.home}"`)
    }
  })

  it('removes without a question, and only with the permission', () => {
    expect(argvOf(withFakes().manager.uninstall(NAME))).to.deep.equal([['remove', NAME, 'confirm']])
    expect(() => withFakes({}, { elevated: false }).manager.uninstall(NAME)).to.throw(/administrator/)
  })
})

describe('the availability of NSSM', () => {
  it('is given', async () => {
    await withFakes({ nssm: { version: VERSION } }).manager.check(spec)
    await withFakes({ nssm: { version: VERSION } }, { elevated: undefined }).manager.check(spec)
  })

  it('is not given without NSSM', async () => {
    const none = await failure(withFakes({}, { program: undefined }).manager.check(spec))
    expect(none).to.include({ code: 'SERVICE_MANAGER_MISSING', exit: 1 })
    expect(none.text).to.include('choco install nssm -y').and.include('in PATH or the usual folders')
    const setting = { program: undefined, setting: 'D:\\x.exe' }
    expect((await failure(withFakes({}, setting).manager.check(spec))).text).to.include('NSSM_PATH (D:\\x.exe)')
    const gone = await failure(withFakes({}, { program: join(tempFolder(), 'nssm.exe') }).manager.check(spec))
    expect(gone.text).to.include('is missing')
  })

  it('distinguishes a blocked NSSM from a missing one', async () => {
    const { manager, program } = withFakes()
    chmodSync(program.path, 0o600)
    const { code, text } = await failure(manager.check(spec))
    expect(code).to.equal('SERVICE_MANAGER_MISSING')
    expect(text).to.include("can't be run (EACCES)").and.include('quarantine')
    const failing = withFakes({ nssm: { version: { ...VERSION, exit: 1 } } }).manager
    expect((await failure(failing.check(spec))).text).to.include("can't be run")
    const silent = withFakes({ nssm: { version: { exit: 225, err: 'Operation did not complete' } } }).manager
    expect((await failure(silent.check(spec))).text)
      .to.include('(Operation did not complete)')
      .and.include('quarantine')
  })

  for (const [version, usable] of [
    ['2.24', false],
    ['2.23-200', false],
    ['2.24-94', false],
    ['2.24-101-g897c7ad', true],
    ['2.24-103-gdee49fc', true],
    ['2.25', true],
    ['3.0', true],
  ] as const) {
    it(`${usable ? 'takes' : 'refuses'} ${version}`, async () => {
      const { manager } = withFakes({ nssm: { version: { out: `NSSM ${version} 64-bit 2014-08-31`, wide: true } } })
      if (usable) await manager.check(spec)
      else expect((await failure(manager.check(spec))).text).to.include(`is NSSM ${version}, which is too old`)
    })
  }

  it('is not given for plain 2.24, which lacks the query', async () => {
    const err = 'NSSM: The non-sucking service manager\r\nVersion 2.24 64-bit, 2014-08-31\r\nUsage: nssm <option>\r\n'
    const { manager } = withFakes({ nssm: { version: { exit: 1, err, wide: true } } })
    expect((await failure(manager.check(spec))).text).to.include('is NSSM 2.24, which is too old')
  })

  it("is not given without an administrator's rights", async () => {
    const { manager } = withFakes({ nssm: { version: VERSION } }, { elevated: false })
    const { code, exit, text } = await failure(manager.check(spec))
    expect([code, exit]).to.deep.equal(['NOT_ALLOWED', 77])
    expect(text).to.include('Run as administrator').and.include(`--home "${spec.home}"`)
  })

  it('is not given for a home that the service would not find', async () => {
    const { manager } = withFakes({ nssm: { version: VERSION } })
    const home = '\\\\nas\\bots'
    expect(await failure(manager.check({ ...spec, home }))).to.include({ code: 'SERVICE_HOME_UNFIT' })
  })
})

describe('a home for a service of Windows', () => {
  const at = (home: string, account?: string) => ({ ...spec, home, account, args: [], stdout: '', stderr: '' })
  const local = { home: 'C:\\bot', root: 'C:\\' }

  it('may be any folder of this machine', () => {
    for (const home of ['C:\\bot', 'c:\\bot', 'C:\\100%', 'C:\\50% sure 100%', 'C:\\$x é'])
      expect(homeFault(at(home), local), home).to.equal(undefined)
    expect(homeFault(at('C:\\bot'), { home: 'D:\\elsewhere', root: 'C:\\' }), 'a junction').to.equal(undefined)
    expect(homeFault(at('C:\\bot'), { home: undefined, root: undefined })).to.equal(undefined)
  })

  it('must not have a name that NSSM would replace', () => {
    expect(homeFault(at('C:\\%TEMP%\\bot'), local)?.why).to.include("a variable's name")
    expect(homeFault({ ...at('C:\\bot'), args: ['C:\\%X(y)%.js'] }, local)?.why).to.include('C:\\%X(y)%.js')
  })

  it('must not be on a network drive: LocalSystem has no permissions there, and nobody else the letter', () => {
    const mapped = { home: '\\\\nas\\bots\\one', root: '\\\\nas\\bots' }
    expect(homeFault(at('N:\\one'), mapped)?.why).to.include('LocalSystem has no permissions')
    expect(homeFault(at('\\\\nas\\bots\\one'), mapped)?.why).to.include('LocalSystem has no permissions')
    expect(homeFault(at('N:\\one', 'CORP\\ann'), mapped)?.remedy).to.include('--home "\\\\nas\\bots\\one"')
    expect(homeFault(at('\\\\nas\\bots\\one', 'CORP\\ann'), mapped)).to.equal(undefined)
  })

  it('needs a node and a catalyst that LocalSystem can read', () => {
    const cli = '\\\\nas\\npm\\node_modules\\catalyst-bot\\bin\\run.js'
    const node = '\\\\nas\\tools\\node.exe'
    expect(homeFault({ ...at('C:\\bot'), program: node }, local)?.why).to.include(node)
    expect(homeFault({ ...at('C:\\bot'), args: [cli] }, local)?.why).to.include(cli)
    expect(homeFault({ ...at('C:\\bot', 'CORP\\ann'), program: node, args: [cli] }, local)).to.equal(undefined)
  })

  it("must not be on a drive of one terminal's own", () => {
    const subst = { home: 'C:\\real\\one', root: 'C:\\real' }
    expect(homeFault(at('X:\\one'), subst)).to.deep.equal({
      why: "services don't know the drive X:\\, which stands for C:\\real",
      remedy: 'Name it as Windows does: --home "C:\\real\\one"',
    })
  })
})

describe('the output of programs of Windows', () => {
  it('is UTF-16 or UTF-8, with or without a mark', () => {
    for (const text of ['SERVICE_STOPPED\r\n', 'é', '', 'C:\\é 日\r\n']) {
      expect(textOf(Buffer.from(text, 'utf8'))).to.equal(text)
      expect(textOf(Buffer.from(`\ufeff${text}`, 'utf8'))).to.equal(text)
      expect(textOf(Buffer.from(`\ufeff${text}`, 'utf16le'))).to.equal(text)
    }
    expect(textOf(Buffer.from('C:\\é 日\r\n', 'utf16le'))).to.equal('C:\\é 日\r\n')
  })

  it("holds no pid where NSSM isn't running", () => {
    expect(applicationPid('')).to.equal(null)
    expect(applicationPid('     724 C:\\nssm.exe\r\n     640  C:\\windows\\system32\\conhost.exe\r\n')).to.equal(null)
    expect(applicationPid('123456789 C:\\nssm.exe\r\n 1234567  C:\\a b\\node.exe\r\n')).to.equal(1234567)
  })

  const queryex = (type: string, windows: string, own: string) =>
    `\r\nSERVICE_NAME: x\r\n        ${type}     : 10  WIN32_OWN_PROCESS\r\n        STATUS   : 1  STOPPED\r\n` +
    `        ${windows}\r\n        ${own}\r\n        PRÜFPUNKT : 0x0\r\n        WARTEHINWEIS : 0x0\r\n        PID : 0\r\n`
  for (const [windows, own, end] of [
    ['WIN32_EXIT_CODE    : 0  (0x0)', 'SERVICE_EXIT_CODE  : 0  (0x0)', undefined],
    ['WIN32_EXIT_CODE    : 1077  (0x435)', 'SERVICE_EXIT_CODE  : 0  (0x0)', undefined],
    ['WIN32_EXITCODE     : 1066  (0x42a)', 'DIENST_EXITCODE    : 77  (0x4d)', 'exit code 77'],
    ['CODE_DE_SORTIE_WIN32 : 1067  (0x42b)', 'CODE_DE_SORTIE_SERVICE : 0  (0x0)', 'error 1067 of Windows'],
  ] as const) {
    it(`holds how it ended: ${end ?? 'well'} (${windows})`, () => {
      expect(endOf(queryex('TYP', windows, own))?.words).to.equal(end)
    })
  }

  it('holds no exit if it is empty', () => {
    expect(endOf('')).to.equal(undefined)
  })
})
