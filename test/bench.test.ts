import fs from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { measureRounds, orderOf, ratiosOf, spreadOf } from '../bench/kernel/figures.js'
import { cleanEnvironment, loadWarning, machineText } from '../bench/kernel/machine.js'
import { benchOptions, UsageError } from '../bench/kernel/options.js'
import { withResults } from '../bench/kernel/performance-doc.js'
import { alone, isMet, never, paired, type Row } from '../bench/kernel/row.js'
import { Scratch } from '../bench/kernel/scratch.js'
import { foundText, jsonRow, markdownTable, textTable, withUnit } from '../bench/kernel/table.js'
import { versionsText } from '../bench/kernel/versions.js'
import { SECTIONS } from '../bench/sections/all.js'
import { ROOT } from './support/e2e/root.js'
import { isAlive } from './support/e2e/still-running.js'

describe('the figures of the bench', () => {
  it('are medians with the middle half around them', () => {
    expect(spreadOf([5, 1, 3, 2, 4])).to.deep.equal({ median: 3, low: 2, high: 4 })
    expect(spreadOf([1, 2])).to.deep.equal({ median: 1.5, low: 1.25, high: 1.75 })
    expect(() => spreadOf([])).to.throw('no figures')
  })

  it('are compared round by round, so that a machine that slows down changes no ratio', () => {
    expect(ratiosOf([10, 20, 40], [5, 10, 20])).to.deep.equal({ median: 2, low: 2, high: 2 })
    expect(() => ratiosOf([1, 2], [1])).to.throw('2 rounds are no pairs for 1')
  })

  it('begin each round with another subject, and throw the first round away', async () => {
    expect(orderOf(['a', 'b', 'c'], 4)).to.deep.equal(['b', 'c', 'a'])
    const calls: string[] = []
    const subject = (name: string) => () => calls.push(name)
    const figures = await measureRounds(2, { a: subject('a'), b: subject('b'), none: undefined })
    expect(calls.join('')).to.equal('ababba')
    expect(figures).to.deep.equal({ a: [3, 6], b: [4, 5], none: [] })
  })
})

describe('a row of the bench', () => {
  const goal = { of: 'ratio', atMost: 1.6 } as const

  it('meets its goal by the median of the ratios, or of the values', () => {
    expect(isMet(paired('x', 'ms', [3, 3, 9], ['y', [2, 2, 2]], { goal }))).to.equal(true)
    expect(isMet(paired('x', 'ms', [9, 3, 9], ['y', [2, 2, 2]], { goal }))).to.equal(false)
    expect(isMet(alone('x', 'MB', [230], { goal: { of: 'value', atMost: 220 } }))).to.equal(false)
    expect(isMet(alone('x', 'lines/s', [2], { goal: { of: 'value', atLeast: 2 } }))).to.equal(true)
    expect(isMet(alone('x', 'MB', [1]))).to.equal(undefined)
  })

  const rows: Row[] = [
    paired('health check', 'ms', [24, 26, 25], ['node -e 0', [16, 16, 16]], { goal }),
    alone('ten bots', 'MB', [230.4], { goal: { of: 'value', atMost: 220 } }),
    never('a frozen server', 30),
  ]

  it('shows its goal beside the figure, met or not', () => {
    expect(textTable(rows)).to.equal(`\
what             median           yardstick         ratio (middle half)  rounds  goal
health check     25 ms            node -e 0: 16 ms  1.56 (1.53–1.59)     3       ≤ 1.6 ✓ met
ten bots         230 MB           –                 –                    1       ≤ 220 MB ✗ not met
a frozen server  not within 30 s  –                 –                    1       –
`)
  })

  it('is a row of a table in the docs', () => {
    expect(markdownTable(rows).split('\n')[2]).to.equal(
      '| health check | 25 ms | node -e 0: 16 ms | 1.56 (1.53–1.59) | 3 | ≤ 1.6 ✓ met |',
    )
  })

  it('is whole in JSON', () => {
    expect(jsonRow(rows[0] as Row)).to.deep.equal({
      name: 'health check',
      unit: 'ms',
      value: 25,
      value_low: 24.5,
      value_high: 25.5,
      yardstick: 'node -e 0',
      yardstick_value: 16,
      ratio: 1.5625,
      ratio_low: 1.53125,
      ratio_high: 1.59375,
      rounds: 3,
      goal: { of: 'ratio', at_most: 1.6, at_least: null },
      is_met: true,
      note: null,
    })
  })

  it('has three digits that count', () => {
    expect([1234.5, 12.34, 1.234, 0.0123, 8].map((value) => withUnit(value, 'ms'))).to.deep.equal([
      '1235 ms',
      '12.3 ms',
      '1.23 ms',
      '0.012 ms',
      '8 ms',
    ])
    expect(withUnit(98_765, 'lines/s')).to.equal('99k lines/s')
  })

  it('is followed by the yardsticks that were missing', () => {
    expect(foundText({ rows: [], missing: ['supervisord: it is not here'] })).to.equal(
      'left out: supervisord: it is not here\n',
    )
  })
})

describe('the words of the bench', () => {
  const sections = ['startup', 'memory', 'tags']

  it('choose sections, in their own order, and rounds', () => {
    const words = ['--only', 'tags, startup', '--rounds', '9', '--json']
    expect(benchOptions(words, sections)).to.include({ rounds: 9, json: true, write: false })
    expect(benchOptions(words, sections).only).to.deep.equal(['startup', 'tags'])
    expect(benchOptions([], sections).only).to.deep.equal(sections)
  })

  it('are refused with what there is', () => {
    expect(() => benchOptions(['--only', 'startup,speed'], sections)).to.throw(
      UsageError,
      "there is no section 'speed'; there are: startup, memory, tags",
    )
    for (const words of [['--rounds', '0'], ['--rounds', 'many'], ['--fast'], ['startup'], ['--only']])
      expect(() => benchOptions(words, sections), words.join(' ')).to.throw(UsageError)
  })

  it('write no results of too few rounds', () => {
    expect(() => benchOptions(['--write', '--rounds', '3'], sections)).to.throw(UsageError, 'at least 9 rounds')
  })
})

describe('what the bench runs on', () => {
  const machine = {
    date: '2026-11-29T12:00:00.000Z',
    cpu: 'A CPU',
    cores: 2,
    memory_bytes: 24 * 2 ** 30,
    kernel: 'Linux 6.1.0',
    node: 'v20.20.2',
    load_average: 0.1,
  }

  it('is said in a line', () => {
    expect(machineText(machine)).to.equal(
      '2026-11-29: A CPU, 2 cores, 24 GB, Linux 6.1.0, Node 20.20.2, load average 0.10',
    )
  })

  it('is followed by the versions of the yardsticks', () => {
    expect(versionsText({ git: '2.39.5', supervisord: null })).to.equal('beside git 2.39.5, supervisord (not here)')
  })

  it('is warned of when it is busy', () => {
    expect(loadWarning(machine)).to.equal(undefined)
    expect(loadWarning({ ...machine, load_average: 1.2 })).to.match(/load average is 1\.20 on 2 cores/)
  })

  it('is a clean environment', () => {
    const before = { ...process.env }
    process.env.NODE_EXTRA_CA_CERTS = '/nowhere'
    try {
      expect(cleanEnvironment()).to.include({ NODE_EXTRA_CA_CERTS: '/nowhere' })
      expect(process.env).to.not.have.property('NODE_EXTRA_CA_CERTS')
      expect(process.env.PATH).to.equal(before.PATH)
    } finally {
      for (const name of Object.keys(process.env)) delete process.env[name]
      Object.assign(process.env, before)
    }
  })
})

describe('what the bench starts', () => {
  it('is ended and removed by closing, also what is stopped, and nothing starts afterwards', async () => {
    const scratch = new Scratch()
    const folder = scratch.folder()
    const child = scratch.start([process.execPath, '-e', 'setInterval(() => {}, 1000)'])
    child.kill('SIGSTOP')
    const closed: string[] = []
    scratch.closeLater(() => closed.push('first'))
    scratch.closeLater(() => {
      closed.push('last')
      throw new Error('it fails')
    })
    await scratch.close()
    expect(isAlive(child.pid as number)).to.equal(false)
    expect(fs.existsSync(folder)).to.equal(false)
    expect(closed).to.deep.equal(['last', 'first'])
    expect(() => scratch.start([process.execPath, '-e', '0'])).to.throw('everything has ended')
  })

  it('is ended also where a process that was killed has left it behind', async () => {
    const scratch = new Scratch()
    const orphan = `const { spawn } = require('node:child_process')
      const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { detached: true, stdio: 'ignore' })
      console.log(child.pid)
      child.unref()`
    const pid = Number(await scratch.output([process.execPath, '-e', orphan]))
    await scratch.close()
    expect(isAlive(pid)).to.equal(false)
  })

  it('fails by the name of what failed', async () => {
    const scratch = new Scratch()
    const words = [process.execPath, '-e', 'process.exit(3)'] as const
    const fault = await scratch.wallMs(words).catch((error: Error) => error.message)
    expect(fault).to.match(/process\.exit\(3\) ended with 3$/)
    expect(await scratch.wallMs(words, { codes: [3] })).to.be.above(0)
    await scratch.close()
  })
})

describe('docs/performance.md', () => {
  it('takes results between the marks of their section', () => {
    const text = 'before\n<!-- bench:tags -->\nold\n<!-- /bench:tags -->\nafter\n'
    expect(withResults(text, 'tags', '\nnew\n')).to.equal(
      'before\n<!-- bench:tags -->\nnew\n<!-- /bench:tags -->\nafter\n',
    )
    expect(() => withResults(text, 'logs', 'new')).to.throw('<!-- bench:logs -->')
  })

  it('has a place for each section', () => {
    const text = fs.readFileSync(join(ROOT, 'docs', 'performance.md'), 'utf8')
    for (const { name } of SECTIONS) expect(() => withResults(text, name, '')).to.not.throw()
  })
})
