import { expect } from 'chai'
import { stopByWords, stopTarget } from '#core/bot/runners/stop/stop-target.js'
import { caughtIn, type SignalProcess } from '#core/platform/process/linux/caught-signals.js'

type Known = Omit<SignalProcess, 'pid' | 'parent'>

/** A chain of processes, each the child of the one before, with pids from 1 on. */
function chain(...known: Known[]): SignalProcess[] {
  return known.map((one, index) => ({ pid: index + 1, parent: index, ...one }))
}

const plain = (name: string, script = ''): Known => ({ name, script, catches: [] })
const python = (...catches: NodeJS.Signals[]): Known => ({ name: 'python3.11', script: 'bot.py', catches })
const NODE: Known = { name: 'node', script: 'bot.js', catches: ['SIGINT', 'SIGTERM'] }
const INT = { ...python('SIGINT') }

describe('what a stop sends', () => {
  const cases: [string, SignalProcess[], number, NodeJS.Signals][] = [
    ['Python without a handler', chain(INT), 1, 'SIGINT'],
    ['Python with a handler for SIGTERM', chain(python('SIGINT', 'SIGTERM')), 1, 'SIGTERM'],
    ['Python that ignores SIGINT, as behind `&`', chain(python()), 1, 'SIGTERM'],
    ['a packed program that catches SIGINT alone', chain({ ...INT, name: 'mybot', script: '' }), 1, 'SIGINT'],
    ['node', chain(NODE), 1, 'SIGTERM'],
    ['a program without handlers', chain(plain('bot')), 1, 'SIGTERM'],
    ['Python behind a shell', chain(plain('dash', '-c'), INT), 2, 'SIGINT'],
    [
      'Python behind a shell with a trap',
      chain({ ...plain('bash'), catches: ['SIGTERM', 'SIGINT'] }, INT),
      2,
      'SIGINT',
    ],
    ['Python behind uv', chain({ ...plain('uv', 'run'), catches: ['SIGINT', 'SIGTERM'] }, INT), 2, 'SIGINT'],
    ['Python behind pdm, which is Python, too', chain({ ...INT, script: 'pdm' }, INT), 2, 'SIGINT'],
    ['Python behind a shell and timeout', chain(plain('dash'), plain('timeout'), INT), 3, 'SIGINT'],
    ['node behind a shell', chain(plain('dash', '-c'), NODE), 2, 'SIGTERM'],
    ['a shell with a trap of its own', chain({ ...plain('bash'), catches: ['SIGTERM'] }, NODE), 1, 'SIGTERM'],
    ['a shell script that sleeps', chain({ ...plain('bash'), catches: ['SIGINT'] }, plain('sleep')), 1, 'SIGTERM'],
    ['node with a helper in Python', chain(NODE, INT), 1, 'SIGTERM'],
    ['Python with a worker', chain(INT, INT), 1, 'SIGINT'],
    ['Python in a pipe', [...chain(plain('dash'), plain('tee')), { ...INT, pid: 3, parent: 1 }], 3, 'SIGINT'],
    ['a program that has just exited', [], 1, 'SIGTERM'],
  ]
  for (const [what, tree, pid, signal] of cases)
    it(`is ${signal} to process ${pid}: ${what}`, () =>
      expect(stopTarget(tree, 1, 'auto')).to.deep.equal({ pid, signal }))

  it('is the signal that is set, to the same process', () => {
    expect(stopTarget(chain(plain('dash'), INT), 1, 'SIGUSR1')).to.deep.equal({ pid: 2, signal: 'SIGUSR1' })
    expect(stopTarget([], 1, 'SIGQUIT')).to.deep.equal({ pid: 1, signal: 'SIGQUIT' })
  })

  const commands: [string[], string, NodeJS.Signals, boolean][] = [
    [['.venv/bin/python', 'bot.py'], '', 'SIGINT', false],
    [['/usr/bin/python3.12', '-m', 'bot'], '', 'SIGINT', false],
    [['.venv/bin/mybot'], '#!/home/ann/.venv/bin/python3', 'SIGINT', false],
    [['node', 'bot.js'], '', 'SIGTERM', false],
    [['sh', '-c', 'exec .venv/bin/python bot.py'], '', 'SIGINT', true],
    [['sh', '-c', 'node bot.js'], '', 'SIGTERM', false],
    [['uv', 'run', 'bot.py'], '', 'SIGINT', true],
    [['env', 'A=1', 'python3', 'bot.py'], '', 'SIGINT', true],
    [['./run.sh', 'python3'], '#!/bin/sh', 'SIGTERM', false],
  ]
  for (const [words, firstLine, signal, isForGroup] of commands)
    it(`is by the words of a command, where no handler can be seen: ${words.join(' ')}`, () =>
      expect(stopByWords(words, 'auto', firstLine)).to.deep.equal({ signal, isForGroup }))

  it('reads the handlers of a process as Linux shows them', () => {
    expect(caughtIn('Name:\tpython3\nSigCgt:\t0000000000004002\n')).to.deep.equal(['SIGINT', 'SIGTERM'])
    expect(caughtIn('SigCgt:\t0000000100000002')).to.deep.equal(['SIGINT'])
    expect(caughtIn('')).to.deep.equal([])
  })
})
