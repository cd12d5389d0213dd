import { Args } from '@oclif/core'
import { expect } from 'chai'
import { commandNamedBy, type OwnCommands } from '#cli/named-command.js'

describe('the command that a line names', () => {
  const commands = {
    'deploy:rollback': { args: { target: Args.string() } },
    'deploy:info': { args: {} },
    ls: {},
  } as unknown as OwnCommands

  const named: [line: string, id: string, argv: string[]][] = [
    ['deploy rollback', 'deploy:rollback', []],
    ['deploy rollback v1 --yes', 'deploy:rollback', ['v1', '--yes']],
    ['deploy rollback --yes v1 v2', 'deploy:rollback', ['--yes', 'v1', 'v2']],
    ['deploy info --json', 'deploy:info', ['--json']],
    ['ls', 'ls', []],
    ['ls --json', 'ls', ['--json']],
  ]
  for (const [line, id, argv] of named)
    it(`is found in "${line}"`, () => {
      expect(commandNamedBy(line.split(' '), commands)).to.deep.equal({ id, argv })
    })

  // what oclif shows then is tested with whole command lines: test/e2e/misuse.test.ts
  const left = [
    '',
    'deploy',
    'deploy nope',
    'deploy --json rollback',
    'deploy:rollback v1',
    'deploy rollback --help',
    'deploy info -h',
    'deploy info word',
    'ls word',
    'constructor',
    '-- ls',
  ]
  for (const line of left)
    it(`is left to oclif in "${line}"`, () => {
      expect(commandNamedBy(line === '' ? [] : line.split(' '), commands)).to.equal(undefined)
    })
})
