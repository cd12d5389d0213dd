import { expect } from 'chai'
import { unknownCommand } from '#cli/unknown-command.js'

const IDS = [
  'bot:start',
  'deploy:list-tags',
  'deploy:run',
  'logs',
  'service:start',
  'service:status',
  'watchdog:status',
]

describe('an unknown command', () => {
  for (const [typed, message, suggestions] of [
    ['service stauts', 'There is no command service stauts.', ['catalyst service status']],
    ['serivce status bot', 'There is no command serivce status bot.', ['catalyst service status bot']],
    ['deploy rnu v1.2.3 --yes', 'There is no command deploy rnu v1.2.3.', ['catalyst deploy run v1.2.3']],
    ['Logs', 'There is no command Logs.', ['catalyst logs']],
    ['log', 'There is no command log.', ['catalyst logs']],
    ['status', 'There is no command status.', ['catalyst service status', 'catalyst watchdog status']],
    ['start', 'There is no command start.', ['catalyst bot start', 'catalyst service start']],
    ['deploy now', 'There is no command deploy now.', ['See those of deploy: catalyst deploy --help']],
    ['watchdgo', 'There is no command watchdgo.', ['See those of watchdog: catalyst watchdog --help']],
    ['frobnicate', 'There is no command frobnicate.', ['See them all: catalyst --help']],
    ['bot start x', 'bot start takes no argument: x', ['See: catalyst bot start --help']],
    ['--home /bot logs', 'A command comes first, then --home.', ['See them all: catalyst --help']],
  ] as const)
    it(`is answered with what may be meant: ${typed}`, () => {
      expect(unknownCommand(typed.split(' '), IDS)).to.deep.include({ message, suggestions, code: 'USAGE', exit: 2 })
    })
})
