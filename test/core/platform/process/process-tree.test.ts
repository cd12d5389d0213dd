import { type ChildProcess, spawn } from 'node:child_process'
import { expect } from 'chai'
import { realClock } from '#core/platform/clock.js'
import { waitsOf } from '#core/platform/process/linux/proc.js'
import { memoryOfTree, observeTree, type ProcessUse } from '#core/platform/process/process-tree.js'
import { until } from '../../../support/e2e/until.js'

const onPosix = process.platform === 'win32' ? () => {} : it
const onLinux = process.platform === 'linux' ? it : () => {}

/** Says its grandchild's pid, when that runs, and spins. */
const SPINS = `
  const { spawn } = require('node:child_process')
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000); process.stdout.write("up")'], { stdio: ['pipe', 'pipe', 'inherit'] })
  child.stdout.once('data', () => {
    require('node:fs').writeSync(1, String(child.pid) + '\\n')
    for (;;);
  })`
const WAITS = `require('node:fs').writeSync(1, String(process.pid) + '\\n'); setInterval(() => {}, 1000)`

/** Of a core: more than one that waits takes, and what one that spins gets on a machine full of others. */
const BUSY_PERCENT = 5

describe('the resource usage of a process tree', () => {
  const started: number[] = []
  const children: ChildProcess[] = []

  afterEach(async () => {
    const ends = children.map(
      (child) => child.exitCode ?? child.signalCode ?? new Promise((end) => child.once('exit', end)),
    )
    for (const pid of started.splice(0)) process.kill(pid, 'SIGKILL')
    await Promise.all(ends)
    children.length = 0
  })

  /** Its pid, and the one that it says. */
  async function start(code: string): Promise<{ pid: number; said: number }> {
    const child = spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'pipe', 'inherit'] })
    children.push(child)
    let text = ''
    child.stdout.on('data', (chunk) => {
      text += chunk
    })
    const said = Number(await until(() => text.trim()))
    const pid = child.pid as number
    started.push(...new Set([said, pid]))
    return { pid, said }
  }

  const seen = async (pid: number, wanted: (use: ProcessUse) => boolean) =>
    until(async () => {
      const tree = await observeTree(realClock, [pid])
      const root = tree.find((use) => use.pid === pid)
      return root !== undefined && wanted(root) && { tree, root }
    })

  it('includes a spinning child, and its own child', async () => {
    const { pid, said } = await start(SPINS)
    const { tree, root } = await seen(pid, ({ cpuPercent }) => cpuPercent > BUSY_PERCENT)
    expect(root.cpuPercent).to.be.within(BUSY_PERCENT, 400)
    expect(root.parent).to.equal(process.pid)
    expect(root.rssBytes).to.be.above(5_000_000)
    expect(root.name).to.match(/node/i)
    expect(tree.map((use) => use.pid).sort()).to.deep.equal([pid, said].sort())
    const grandchild = tree.find((use) => use.pid === said)
    expect(grandchild).to.include({ parent: pid })
    expect(grandchild?.cpuPercent).to.be.below(root.cpuPercent)
  })

  onLinux('has the threads, and what the main one does', async () => {
    const { pid } = await start(SPINS)
    const { root } = await seen(pid, ({ state, cpuPercent }) => state === 'R' && cpuPercent > BUSY_PERCENT)
    const main = root.threads?.find(({ id }) => id === pid)
    expect(main?.name).to.match(/node|MainThread/) // as node 24 calls it
    expect(main?.state).to.match(/^[A-Z]$/)
    expect(root.threads?.length).to.be.above(1)
  })

  onPosix('is nothing of one that is stopped, which is told so', async () => {
    const { pid } = await start(WAITS)
    process.kill(pid, 'SIGSTOP')
    const { root } = await seen(pid, ({ state }) => state.startsWith('T') || state === 'stopped')
    expect(root.cpuPercent).to.be.below(50)
  })

  it('leaves out a process that is gone', async () => {
    const { pid } = await start(WAITS)
    const child = children[0] as ChildProcess
    child.kill('SIGKILL')
    await until(() => child.exitCode !== null || child.signalCode !== null)
    started.length = 0
    expect(await observeTree(realClock, [pid])).to.deep.equal([])
    expect(await memoryOfTree([pid])).to.equal(0)
    expect(waitsOf(pid)).to.equal(undefined)
  })

  it('sums up the memory, each process once', async () => {
    const { pid, said } = await start(SPINS)
    const alone = await memoryOfTree([said])
    const all = await memoryOfTree([pid])
    expect(alone).to.be.above(5_000_000)
    expect(all).to.be.above(alone + 5_000_000)
    expect(await memoryOfTree([pid, said])).to.be.within(all * 0.8, all * 1.2)
    expect(await memoryOfTree([])).to.equal(0)
  })
})
