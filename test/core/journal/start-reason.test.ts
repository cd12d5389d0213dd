import { expect } from 'chai'
import type { JournalEntry } from '#core/journal/journal.js'
import { startReason } from '#core/journal/start-reason.js'

const entry = (kind: string, more: object = {}): JournalEntry => ({ time: '2026-03-01T12:00:00Z', kind, ...more })
const START = entry('bot.start')
const CRASH = entry('bot.crash', { exit: 1 })
const STOP = entry('bot.stop')
const RESTARTING = entry('incident', { state: 'restarting' })
const BY_PERSON = entry('service.restart', { role: 'bot' })
const DEPLOY = entry('deploy.step', { step: 'restart', state: 'begin' })

describe('what led to a start', () => {
  const cases: [string, JournalEntry[], ReturnType<typeof startReason>][] = [
    ['nothing that is known, for the first one', [], 'other'],
    ['nothing that is known, after a stop by the machine', [START, STOP], 'other'],
    ['an exit', [START, CRASH], 'exit'],
    ['an exit that only the next bot has found', [START, entry('bot.lost')], 'exit'],
    ['the watchdog, whatever its stop looked like', [START, RESTARTING, CRASH], 'watchdog'],
    ['a person', [START, STOP, BY_PERSON], 'person'],
    ['a deployment, although it stops the bot first', [START, DEPLOY, STOP], 'deployment'],
    ['only what came after the start before', [START, RESTARTING, STOP, START, STOP], 'other'],
    ['what came before a run of one cycle, too', [START, CRASH, entry('bot.start', { once: true })], 'exit'],
    ['no restart of the watchdog itself', [START, STOP, entry('service.restart', { role: 'watchdog' })], 'other'],
    ['no incident that was only detected', [START, entry('incident', { state: 'detected' }), STOP], 'other'],
  ]
  for (const [name, entries, expected] of cases)
    it(`is ${name}`, () => {
      expect(startReason(entries)).to.equal(expected)
    })
})
