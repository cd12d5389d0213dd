import { expect } from 'chai'
import { installText, runsText, statusText } from '#cli/service/service-text.js'
import type { ServiceStatus } from '#core/service/status/status.js'

const STATUS: ServiceStatus = {
  name: 'Lab',
  role: 'bot',
  manager: 'systemd',
  scope: 'system',
  state: 'restarting',
  words: 'activating (auto-restart)',
  pid: null,
  since: null,
  waits: null,
  restarts: 3,
  last_end: null,
  release: null,
  automatic: true,
  stopped_by: null,
  warnings: [],
  last_errors: [],
  errors_since_start: 0,
  last_words: [],
  last_words_at: null,
}

describe("a service's status as text", () => {
  it('separates errors before the last start from those since, and shows when standard error was written', () => {
    const text = statusText({
      ...STATUS,
      last_errors: ['11:30 old', '12:00 new'],
      errors_since_start: 1,
      last_words: ['Error: x'],
      last_words_at: '2026-03-01T12:00:00.000Z',
    })
    expect(text).to.match(
      /\n1 error line before its last start:\n {2}11:30 old\n1 error line since its last start:\n {2}12:00 new\nlast line of standard error, written at \d{4}-\d\d-\d\d \d\d:\d\d:\d\d:\n {2}Error: x$/,
    )
  })

  it('shows the reason of the last exit, if that is known', () => {
    const last_end = { at: '2026-03-01T12:00:00.000Z', kind: 'ended', exit: 0, reason: 'it put itself away' } as const
    expect(statusText({ ...STATUS, last_end })).to.contain('reason of the last exit: it put itself away')
  })

  it('shows until when a bot that is up waits for its start, and why', () => {
    const waits = { until: '2026-03-01T12:00:00.000Z', reason: 'it exited 4 times within minutes (exit code 1)' }
    expect(statusText({ ...STATUS, waits })).to.match(
      /waits +until \d{4}-\d\d-\d\d \d\d:\d\d:\d\d before its next start: it exited 4 times within minutes \(exit code 1\)/,
    )
    expect(statusText(STATUS)).to.not.contain('waits')
  })

  it('prints no heading without lines', () => {
    expect(statusText(STATUS)).to.not.match(/error|standard/)
  })
})

describe('the result of a start as text', () => {
  const pid = 7
  const cases: [NonNullable<Parameters<typeof runsText>[0]['health']> | null, string][] = [
    [null, 'Lab runs again (pid 7).'],
    [{ status: 'healthy', reasons: ['only the process is watched'] }, 'Lab runs again (pid 7).'],
    [{ status: 'degraded', reasons: ['redis is down'] }, 'Lab runs again (pid 7), and is degraded: redis is down.'],
    [
      { status: 'starting', reasons: ['no cycle since the start 5 s ago'] },
      'Lab is starting (pid 7): no cycle since the start 5 s ago. Wait for it: catalyst health check --wait 60',
    ],
  ]
  for (const [health, text] of cases) {
    it(`is truthful: ${health?.status ?? 'nobody can be asked'}`, () => {
      expect(runsText({ name: 'Lab', pid, health }, 'runs again')).to.equal(text)
    })
  }

  it('follows what was installed', () => {
    const done = { name: 'Lab', role: 'bot', installed: 'installed', started: true, pid, health: null } as const
    expect(installText(done)).to.equal('Lab: installed; it runs (pid 7).')
    expect(installText({ ...done, started: false, pid: null })).to.equal('Lab: installed.')
  })
})
