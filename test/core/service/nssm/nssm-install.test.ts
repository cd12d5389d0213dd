import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import type { Action } from '#core/service/action.js'
import { nssm } from '#core/service/nssm/nssm.js'
import { planInstall } from '#core/service/operations/install.js'
import { findOwn, Services } from '#core/service/services.js'
import { serviceStatus } from '#core/service/status/status.js'
import { failureOf } from '../../../support/failure.js'
import { reading, ServiceHome } from '../../../support/fake-manager.js'
import { tempFolder } from '../../../support/temp.js'
import { regFile } from '../fake-programs.js'

const NAME = 'CatalystBot'
const CUT_OFF = 'its installation was interrupted: catalyst service install completes it'

/** A Windows with one service at most, whose commands are carried out at once, so that they can be cut off anywhere. */
class FakeWindows {
  readonly home = new ServiceHome()
  readonly #reg = join(tempFolder(), 'reg')
  readonly commands: string[][] = []
  windows: Record<string, string | number> | undefined
  #parameters: Record<string, string | number | string[]> = {}
  #exits: Record<string, string> = {}

  constructor() {
    writeFileSync(this.#reg, `#!/bin/sh\nexec cp "$0.export" "$3"\n`)
    chmodSync(this.#reg, 0o755)
  }

  servicesWith(password?: string) {
    const programs = { reg: this.#reg, sc: 'sc', icacls: 'icacls' }
    const { home } = this.home
    const real = nssm({ home, program: 'nssm.exe', elevated: true, userSid: 'S-1-5-21-1', password, programs })
    const read = async () => this.windows && { ...reading('stopped'), automatic: this.windows.Start === 2 }
    const find = (name: string) => (this.windows === undefined ? Promise.resolve(undefined) : real.find(name))
    const { clock, paths, config } = this.home.services
    return new Services({ clock, paths, config, manager: { ...real, check: async () => {}, find, read } })
  }

  get services() {
    return this.servicesWith()
  }

  plan(account?: string, password?: string) {
    const options = { ...this.home.options(), account, withPassword: password !== undefined, watched: false }
    return planInstall(this.servicesWith(password), 'bot', options)
  }

  /** As the genuine NSSM does it: a number that is at its default is removed. */
  carryOut(actions: readonly Action[]): void {
    for (const action of actions) {
      if (action.do !== 'run') continue
      this.commands.push([...action.argv])
      if (action.argv[0] === 'nssm.exe') this.#nssm(action.argv.slice(1))
    }
    if (this.windows === undefined) return
    const keys = { [NAME]: this.windows, [`${NAME}\\Parameters`]: this.#parameters }
    const text = regFile({ ...keys, [`${NAME}\\Parameters\\AppExit`]: this.#exits })
    writeFileSync(`${this.#reg}.export`, Buffer.from(`\ufeff${text}`, 'utf16le'))
  }

  #nssm([command, , name = '', ...values]: string[]): void {
    const [value = ''] = values
    if (command === 'install') {
      this.windows = { DisplayName: NAME, ImagePath: process.execPath, ObjectName: 'LocalSystem', Start: 2 }
      this.#parameters = { Application: name, AppParameters: value, AppDirectory: join(name, '..') }
      this.#exits = { '': 'Restart' }
    } else if (command === 'remove') this.windows = undefined
    else if (this.windows === undefined) throw new Error('there is no such service')
    else if (name === 'Start') this.windows.Start = value === 'SERVICE_AUTO_START' ? 2 : 3
    else if (['DisplayName', 'Description', 'ObjectName'].includes(name)) this.windows[name] = value
    else if (name === 'AppExit') this.#exits[value === 'Default' ? '' : value] = values[1] as string
    else if (DEFAULTS[name] === value) delete this.#parameters[name]
    else this.#parameters[name] = name === 'AppEnvironmentExtra' ? values : /^\d+$/.test(value) ? Number(value) : value
  }
}

const DEFAULTS: Readonly<Record<string, string>> = {
  AppKillProcessTree: '1',
  AppStdoutCreationDisposition: '4',
  AppStderrCreationDisposition: '4',
  AppNoConsole: '0',
  AppStopMethodSkip: '0',
}

const isAcl = ({ 0: program }: readonly string[]) => program === 'icacls'

/** What must hold wherever the installation was interrupted. */
async function expectMended(box: FakeWindows, at: string): Promise<void> {
  const again = await box.plan()
  expect(again.state, at).to.be.oneOf(['new', 'outdated', 'unchanged'])
  box.commands.length = 0
  box.carryOut(again.actions)
  expect(box.commands.filter(isAcl), at).to.have.length(2)
  const found = await findOwn(box.services, NAME)
  expect(found, at).to.include({ definition: box.services.manager.definition(again.spec) })
  expect(found, at).to.not.have.any.keys('unfinished', 'fault')
  expect(box.windows?.Start, at).to.equal(2)
}

describe("an interrupted installation of NSSM's service", () => {
  it('is recognized, never starts half made with the machine, and is completed by the next one', async () => {
    const length = (await new FakeWindows().plan()).actions.length
    expect(length).to.be.greaterThan(30)
    for (let count = 0; count <= length; count++) {
      const box = new FakeWindows()
      const { actions } = await box.plan()
      box.carryOut(actions.slice(0, count))
      const at = `after ${count} of ${length}: ${box.commands.at(-1)?.join(' ')}`
      const { warnings } = await serviceStatus(box.services, 'bot')
      const isHalf = box.windows !== undefined && count < length - 2 // the access lists come last
      expect(warnings.includes(CUT_OFF), at).to.equal(isHalf)
      if (isHalf && count < length - 3 && count > 2) expect(box.windows?.Start, at).to.equal(3)
      await expectMended(box, at)
    }
  })

  it('can be removed, wherever it was interrupted', async () => {
    const length = (await new FakeWindows().plan()).actions.length
    for (let count = 2; count <= length; count++) {
      const box = new FakeWindows()
      box.carryOut((await box.plan()).actions.slice(0, count))
      expect(await findOwn(box.services, NAME), `after ${count}`).to.not.equal(undefined)
      box.carryOut(box.services.manager.uninstall(NAME))
      expect(await findOwn(box.services, NAME)).to.equal(undefined)
    }
  })

  it('asks for no confirmation, either, if it was to bring a service up to date', async () => {
    const begun = async () => {
      const box = new FakeWindows()
      const { spec, actions } = await box.plan()
      box.carryOut(actions)
      const { node, cli, nodeVersion } = box.home.runtime
      const facts = {
        name: NAME,
        manager: 'nssm',
        scope: 'system',
        node,
        cli,
        node_version: nodeVersion,
        at: '',
      } as const
      box.services.writeInstalled({ bot: { ...facts, definition: box.services.manager.definition(spec) } })
      box.home.settings({ SERVICE_RESTART_DELAY: '3' })
      return box
    }
    const length = (await (await begun()).plan()).actions.length
    for (let count = 0; count <= length; count++) {
      const box = await begun()
      box.carryOut((await box.plan()).actions.slice(0, count))
      await expectMended(box, `after ${count} of ${length}: ${box.commands.at(-1)?.join(' ')}`)
    }
  })

  it('keeps the account that it was begun for: its bot never gets all rights by an omission', async () => {
    const box = new FakeWindows()
    box.carryOut((await box.plan('.\\botuser', 'secret')).actions.slice(0, 12))
    expect(box.windows?.ObjectName).to.equal('.\\botuser')
    const error = await failureOf(box.plan())
    expect(error).to.include({ code: 'USAGE' })
    expect(error.suggestions.join('\n')).to.include('--account botuser').and.include('--account LocalSystem')
    expect((await box.plan('LocalSystem')).actions).to.not.deep.equal([])
    box.carryOut((await box.plan('.\\botuser')).actions) // it has its password already
    expect(box.windows?.ObjectName).to.equal('.\\botuser')
  })

  it("is not assumed for somebody else's service that only looks like it", async () => {
    const box = new FakeWindows()
    const { actions } = await box.plan()
    box.carryOut(actions.slice(0, 2))
    box.carryOut([{ do: 'run', argv: ['nssm.exe', 'set', NAME, 'AppThrottle', '5'] }])
    expect((await box.services.manager.find(NAME))?.home).to.equal(undefined)
  })
})

describe("a repeated installation of NSSM's service", () => {
  it('closes .env again, which may have been made since', async () => {
    const box = new FakeWindows()
    box.carryOut((await box.plan()).actions)
    const { state, actions } = await box.plan()
    expect(state).to.equal('unchanged')
    expect(actions.map((action) => (action.do === 'run' ? action.argv[0] : action.do))).to.deep.equal([
      'icacls',
      'icacls',
    ])
  })
})
