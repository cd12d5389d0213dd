import { mkdirSync, writeFileSync } from 'node:fs'
import { expect } from 'chai'
import type { Condition } from '#core/condition/condition.js'
import { gather } from '#core/condition/gather.js'
import { writeDeployment } from '#core/deploy/deployment-file.js'
import { writeDesiredStop } from '#core/home/desired-state.js'
import type { Home } from '#core/home/home.js'
import { aBotFile } from '../../support/builders/bot-file.js'
import { aDeployment, aPlan } from '../../support/builders/deployment.js'
import { aHome } from '../../support/builders/home.js'

describe('the condition of a home', () => {
  const write = (home: Home, path: string, value: object) => {
    mkdirSync(home.paths.state, { recursive: true })
    writeFileSync(path, `${JSON.stringify(value)}\n`)
  }

  it('without anything in it is that of a bot that was never started', async () => {
    const home = aHome({ env: 'BOT_NAME=Quiet\n' })
    const condition = await gather(home)
    expect(condition).to.deep.include({
      time: '2026-03-01T12:00:00.000Z',
      name: 'Quiet',
      process: null,
      work: null,
      services: [],
      events: [],
      missing: [],
      failing_alerts: [],
    })
    expect(condition.health).to.deep.equal({
      status: 'unreachable',
      reasons: [`no bot runs in ${home.paths.home}`],
      since: null,
    })
    expect(condition.next?.command).to.equal('catalyst bot start')
  })

  it('with faults in its settings names them, and how to see them', async () => {
    const { health, settings_faults, next } = await gather(aHome({ env: 'HEALTH_CHECK_PORT=eighty\n' }))
    expect(health.status).to.equal('unknown')
    expect(settings_faults).to.have.length(1)
    expect(health.reasons).to.deep.equal(settings_faults)
    expect(next?.command).to.equal('catalyst config check')
  })

  it('has who stopped the bot, and its last exit', async () => {
    const home = aHome()
    const time = '2026-03-01T11:00:00.000Z'
    write(home, home.paths.journal, { time, kind: 'bot.stop', pid: 1, asked_by: 'SIGTERM', exit: 0, ran_seconds: 9 })
    writeDesiredStop(home.paths, 'ann', Date.parse(time))
    const { stopped_by, last_exit, health, events } = await gather(home)
    expect(stopped_by).to.deep.equal({ by: 'ann', at: time })
    expect(last_exit).to.deep.include({ kind: 'stopped', at: time })
    expect(health.since).to.equal(time)
    expect(events?.map(({ text }) => text)).to.deep.equal(['the bot stopped, as asked by SIGTERM, after 9 s'])
  })

  it('has the exit of a bot that was killed, which no journal tells yet', async () => {
    const home = aHome()
    write(home, home.paths.bot, aBotFile({ pid: 2 ** 22 + 1 }))
    expect((await gather(home)).last_exit).to.deep.equal({ at: null, kind: 'killed', exit: null })
    const exit = { time: '2026-03-01T11:00:00.000Z', kind: 'bot.exit', instance: 'x', exit: 3, ran_seconds: 9 }
    write(home, home.paths.journal, exit)
    expect((await gather(home)).last_exit).to.include({ kind: 'ended', exit: 3 })
  })

  it('has a deployment that was interrupted, and how to end it', async () => {
    const home = aHome()
    writeDeployment(home, aDeployment(aPlan()))
    const { release, next } = await gather(home)
    expect(release?.unfinished).to.deep.include({ goes_on: false })
    expect(next?.command).to.equal('catalyst deploy recover')
  })

  it('says what can not be read, and has all the rest', async () => {
    const home = aHome()
    mkdirSync(home.paths.watchdog)
    write(home, home.paths.journal, { time: '2026-03-01T11:00:00.000Z', kind: 'bot.refused', exit: 78 })
    const { watchdog, missing, events } = await gather(home)
    expect(watchdog).to.equal(null)
    expect(missing).to.have.length(1)
    expect(missing[0]).to.include({ part: 'watchdog', not_permitted: false })
    expect(missing[0]?.why).to.contain(home.paths.watchdog)
    expect(events).to.have.length(1)
  })

  it('says why the services can not be told, and has all the rest', async () => {
    const home = aHome()
    const entry = {
      name: 'Quiet',
      manager: 'x',
      scope: 'system',
      definition: '',
      node: 'n',
      node_version: '',
      cli: 'c',
    }
    write(home, home.paths.services, { bot: entry })
    const { PATH } = process.env
    process.env.PATH = '/nowhere'
    let condition: Condition
    try {
      condition = await gather(home)
    } finally {
      process.env.PATH = PATH
    }
    expect(condition.services).to.equal(null)
    expect(condition.missing.map(({ part }) => part)).to.deep.equal(['services'])
    expect(condition.missing[0]?.why).to.match(/\w/)
    expect(condition.watchdog).to.include({ running: false })
    expect(condition.next?.command).to.equal('catalyst bot start')
  })
})
