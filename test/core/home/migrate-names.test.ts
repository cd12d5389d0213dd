import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { expect } from 'chai'
import { readDeployment } from '#core/deploy/deployment-file.js'
import { readRatings } from '#core/deploy/releases/ratings-file.js'
import { clearDesiredState, readDesiredStart, readDesiredStop, writeDesiredStop } from '#core/home/desired-state.js'
import { homePaths } from '#core/home/home-paths.js'
import { Incidents } from '#core/incidents/store.js'
import { readWatchdogFile } from '#core/watchdog/watchdog-file.js'
import { aHome } from '../../support/builders/home.js'
import { tempFolder } from '../../support/temp.js'

describe('a home from before 0.2', () => {
  const paths = homePaths(tempFolder())
  const write = (path: string, value: unknown) => {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, JSON.stringify(value))
  }
  const incident = { id: 1000, since: 1000, opened: 'hangs', why: 'hangs', state: 'needs you', ends: 0, exit: null }

  it("keeps its bot's desired state, stopped or running", () => {
    write(paths.wanted, { wanted: 'stopped', by: 'ann', at: '2026-03-01T12:00:00.000Z' })
    expect(readDesiredStop(paths)).to.deep.equal({ desired: 'stopped', by: 'ann', at: '2026-03-01T12:00:00.000Z' })
    write(paths.wanted, { wanted: 'running', by: 'ann', at: '2026-03-01T12:00:00.000Z' })
    expect(readDesiredStart(paths)?.desired).to.equal('running')
    writeDesiredStop(paths, 'bob', 0)
    expect([readDesiredStop(paths)?.by, readDesiredStart(paths)], 'what is newer counts').to.deep.equal([
      'bob',
      undefined,
    ])
    clearDesiredState(paths)
    expect(readDesiredStop(paths)).to.equal(undefined)
  })

  it("keeps the watchdog's count of restarts, and its incident goes on", () => {
    write(paths.watchdog, { pid: 1, rescues: [1, 2], status: null, incident: { ...incident, rescues: 2 } })
    const file = readWatchdogFile(paths)
    expect(file?.restarts).to.deep.equal([1, 2])
    expect(file?.incident).to.include({ restartsBegun: 2, state: 'needs_attention' })
  })

  it('shows its old incidents', () => {
    const incidents = new Incidents(paths.incidents)
    const name = '19700101T000001000Z-hangs'
    write(`${incidents.pathOf(name)}/incident.json`, { ...incident, rescues: 3, events: [] })
    expect(incidents.read(name)).to.include({ restartsBegun: 3, state: 'needs_attention' })
  })

  it('resumes its interrupted deployment', () => {
    const commit = 'a'.repeat(40)
    const target = { name: `v2-${commit.slice(0, 8)}`, commit, tag: 'v2', subfolder: '' }
    const steps = [{ do: 'link' }, { do: 'switch', to: { name: target.name, commit } }, { do: 'prune' }]
    const progress = { begun: 1, backup: null, instance: null, keeper: 'nobody', stopWish: 'x', back: null }
    write(paths.deployment, { id: '1', what: 'deployment', target, from: null, steps, ...progress, tolerated: [] })
    expect(readDeployment(aHome({ folder: paths.home }))).to.include({ supervisor: 'none', desiredStop: 'x' })
  })

  it('keeps the ratings of its versions', () => {
    const entry = { time: '2026-03-01T12:00:00.000Z', kind: 'verdict', commit: 'a', release: 'v1', tag: 'v1' }
    mkdirSync(dirname(paths.journal), { recursive: true })
    const lines = [
      { ...entry, verdict: 'good', reason: 'healthy' },
      { ...entry, commit: 'b', verdict: 'unknown', reason: 'nothing came up', failed: true },
    ]
    writeFileSync(paths.journal, lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
    expect(readRatings(aHome({ folder: paths.home })).map(({ commit, rating }) => [commit, rating])).to.deep.equal([
      ['a', 'good'],
      ['b', 'unverified'],
    ])
  })
})
