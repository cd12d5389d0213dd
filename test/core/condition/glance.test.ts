import { expect } from 'chai'
import { overviewOf, treeUnder } from '#core/condition/glance.js'
import type { ProcessUse } from '#core/platform/process/process-tree.js'
import { aHome } from '../../support/builders/home.js'
import { FakeClock } from '../../support/fake-clock.js'

describe('the overview of homes', () => {
  it('has a home whose bot does not run, and one with faults in its settings', async () => {
    const clock = new FakeClock()
    const homes = [aHome({ clock, env: 'BOT_NAME=A\n' }), aHome({ clock, env: 'HEALTH_CHECK_PORT=x\n' })]
    const { homes: found, shared_tokens } = await overviewOf(clock, homes)
    expect(found.map(({ health }) => health.status)).to.deep.equal(['unreachable', 'unknown'])
    expect(found[0]).to.include({ name: 'A', pid: null, restarts: 0, cpu_ratio: null, release: null })
    expect(shared_tokens).to.deep.equal([])
  })

  it('counts for a bot what it has started, and nothing of another', () => {
    const use = (pid: number, parent: number) => ({ pid, parent }) as ProcessUse
    const uses = [use(1, 0), use(2, 1), use(3, 2), use(4, 0), use(5, 4)]
    expect(treeUnder(uses, 1).map(({ pid }) => pid)).to.deep.equal([1, 2, 3])
  })
})
