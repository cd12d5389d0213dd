import { expect } from 'chai'
import { backgroundAdvice, type ProgramExit } from '#core/bot/runners/background.js'

describe('the advice for a program that has exited by itself', () => {
  const daemon: ProgramExit = { exit: 0, ranMs: 800, hasLeft: true, args: ['bot.conf'] }
  const advice = (how: string) => `it put itself into the background: start it in the foreground (${how})`
  const cases: [string, Partial<ProgramExit>, string | undefined][] = [
    ['went into the background where it left processes behind', {}, advice('for example without -d or --daemon')],
    ['was told to, which is named', { args: ['-d', 'bot.conf'] }, advice('without -d in BOT_COMMAND')],
    [
      'was told to by a word that means nothing else, though nothing is seen of it',
      { hasLeft: false, args: ['--daemon'] },
      advice('without --daemon in BOT_COMMAND'),
    ],
    ['has just ended where nothing is left, whatever -d may mean', { hasLeft: false, args: ['-d'] }, undefined],
    ['has failed where its exit code says so', { exit: 1, args: ['--daemon'] }, undefined],
    ['has done its work where it ran for long', { ranMs: 61_000 }, undefined],
  ]
  for (const [what, changes, expected] of cases) {
    it(what, () => {
      expect(backgroundAdvice({ ...daemon, ...changes })).to.equal(expected)
    })
  }
})
