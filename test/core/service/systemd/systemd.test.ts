import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import type { User } from '#core/platform/process/users.js'
import type { ServiceObservation } from '#core/service/manager.js'
import { systemd } from '#core/service/systemd/systemd.js'
import { observationOf } from '#core/service/systemd/systemd-show.js'
import { failureOf } from '../../../support/failure.js'
import { tempFolder } from '../../../support/temp.js'

/** As `systemctl show` prints it, on Debian 12. */
const RUNNING = {
  LoadState: 'loaded',
  ActiveState: 'active',
  SubState: 'running',
  Result: 'success',
  MainPID: '4242',
  ExecMainStartTimestamp: 'Tue 2026-11-24 12:38:49 UTC',
  ExecMainExitTimestamp: '',
  ExecMainCode: '0',
  ExecMainStatus: '0',
  NRestarts: '2',
  UnitFileState: 'enabled',
}
const EXITED = {
  MainPID: '0',
  ExecMainExitTimestamp: 'Tue 2026-11-24 12:40:01 UTC',
  ExecMainCode: '1',
  ExecMainStatus: '0',
}

describe('systemd: the state of a service', () => {
  const cases: [string, Record<string, string>, Partial<ServiceObservation>][] = [
    [
      'it runs',
      {},
      { state: 'running', pid: 4242, since: '2026-11-24T12:38:49.000Z', restarts: 2, words: 'active (running)' },
    ],
    ['it reads its settings anew', { ActiveState: 'reloading', SubState: 'reload' }, { state: 'running', pid: 4242 }],
    [
      'it starts, and can not be asked yet',
      { ActiveState: 'activating', SubState: 'start' },
      { state: 'starting', pid: 4242, since: '2026-11-24T12:38:49.000Z', words: 'activating (start)' },
    ],
    [
      'it has crashed and waits for its next start',
      { ...EXITED, ActiveState: 'activating', SubState: 'auto-restart', Result: 'exit-code', ExecMainStatus: '3' },
      {
        state: 'restarting',
        pid: null,
        since: null,
        ended: { at: '2026-11-24T12:40:01.000Z', exit: 3 },
        words: 'activating (auto-restart, exit-code)',
      },
    ],
    [
      'it is ending',
      { ActiveState: 'deactivating', SubState: 'stop-sigterm' },
      { state: 'stopping', pid: 4242, words: 'deactivating (stop-sigterm)' },
    ],
    [
      'its settings are wrong, so that it stays down',
      { ...EXITED, ActiveState: 'failed', SubState: 'failed', Result: 'exit-code', ExecMainStatus: '78' },
      {
        state: 'failed',
        pid: null,
        since: null,
        ended: { at: '2026-11-24T12:40:01.000Z', exit: 78 },
        words: 'failed (failed, exit-code)',
      },
    ],
    [
      'it was killed',
      {
        ...EXITED,
        ActiveState: 'failed',
        SubState: 'failed',
        Result: 'signal',
        ExecMainCode: '2',
        ExecMainStatus: '9',
      },
      { state: 'failed', ended: { at: '2026-11-24T12:40:01.000Z', exit: null }, words: 'failed (failed, signal)' },
    ],
    [
      'it was killed with a core dump',
      { ...EXITED, ActiveState: 'failed', SubState: 'failed', ExecMainCode: '3', ExecMainStatus: '11' },
      { state: 'failed', ended: { at: '2026-11-24T12:40:01.000Z', exit: null } },
    ],
    [
      'it was stopped',
      { ...EXITED, ActiveState: 'inactive', SubState: 'dead' },
      {
        state: 'stopped',
        pid: null,
        since: null,
        ended: { at: '2026-11-24T12:40:01.000Z', exit: 0 },
        words: 'inactive (dead)',
      },
    ],
    [
      'it was never started',
      { MainPID: '0', ExecMainStartTimestamp: '', ActiveState: 'inactive', SubState: 'dead', NRestarts: '0' },
      { state: 'stopped', pid: null, since: null, restarts: 0 },
    ],
    ['it does not start with the machine', { UnitFileState: 'disabled' }, { state: 'running', automatic: false }],
    ['it is linked for this boot only', { UnitFileState: 'enabled-runtime' }, { state: 'running', automatic: false }],
    [
      'a start time that systemd does not know',
      { ExecMainStartTimestamp: 'n/a' },
      { state: 'running', pid: 4242, since: null },
    ],
  ]
  for (const [what, changes, expected] of cases) {
    it(what, () => {
      const { ended, ...rest } = expected
      const reading = observationOf({ ...RUNNING, ...changes })
      expect(reading).to.include({ automatic: true, ...rest })
      if (ended) expect(reading?.ended).to.deep.equal(ended)
      else expect(reading).to.not.have.property('ended')
    })
  }

  it('lacks the count of restarts with an older systemd', () => {
    const { NRestarts: _, ...older } = RUNNING
    expect(observationOf(older)?.restarts).to.equal(null)
  })

  it('is undefined without such a unit, and fails without an answer', () => {
    expect(observationOf({ ...RUNNING, LoadState: 'not-found', ActiveState: 'inactive' })).to.equal(undefined)
    expect(observationOf({ ...RUNNING, LoadState: 'not-found' })?.state, 'its file is gone, but it runs').to.equal(
      'running',
    )
    expect(observationOf({})).to.equal(undefined)
  })

  it('includes a unit that was removed while it runs', () => {
    expect(observationOf({ ...RUNNING, UnitFileState: '' })).to.include({ state: 'running', automatic: false })
  })
})

describe('systemd: the home of a unit', () => {
  const name = 'catalyst-test-that-nobody-has'
  const found = (text: string | undefined, scope: 'system' | 'user') => {
    const folder = tempFolder()
    const user: User = { uid: 1001, gid: 1001, name: 'ann', folder }
    const units = scope === 'system' ? join(folder, 'units') : join(folder, '.config/systemd/user')
    mkdirSync(units, { recursive: true })
    if (text !== undefined) writeFileSync(join(units, `${name}.service`), text)
    const manager = systemd({ scope, home: '/srv/bot', user, systemFolder: units })
    return { place: join(units, `${name}.service`), answer: manager.find(name) }
  }

  for (const scope of ['system', 'user'] as const) {
    it(`is read from its file, in the ${scope === 'system' ? "machine's" : "user's own"} folder`, async () => {
      const text = '[Unit]\n\n[X-Catalyst]\nHome=/srv/a bot\nRole=bot\n'
      const { place, answer } = found(text, scope)
      expect(await answer).to.deep.equal({ home: '/srv/a bot', definition: text, place })
    })
  }

  it('is unknown if catalyst did not write it', async () => {
    const text = '[Service]\nExecStart=/bin/other\n'
    const { place, answer } = found(text, 'system')
    expect(await answer).to.deep.equal({ home: undefined, definition: text, place })
  })

  it('is undefined without a file, and unknown without systemd', async () => {
    const { answer } = found(undefined, 'user')
    expect(await answer).to.equal(undefined)
    const machines = found(undefined, 'system').answer
    if (existsSync('/run/systemd/system')) expect(await machines).to.equal(undefined)
    else expect(await failureOf(machines)).to.include({ code: 'SERVICE_MANAGER_MISSING' })
  })
})
