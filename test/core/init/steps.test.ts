import { expect } from 'chai'
import { commandsOf, type Steps } from '#core/init/steps.js'

const NONE: Steps = { service: false, watchdog: false, hasWatchdog: false, deploy: undefined, drill: false }

describe('the commands of init', () => {
  const lines = (steps: Partial<Steps>) =>
    commandsOf({ ...NONE, ...steps }).map(([id, words]) => [...id.split(':'), ...words].join(' '))

  it('are none where nothing is to be done', () => {
    expect(lines({})).to.deep.equal([])
  })

  it('deploy the first version before anything of the bot starts', () => {
    const deploy = { ref: 'v0.1.0', makesTag: true }
    expect(lines({ service: true, watchdog: true, deploy, drill: true })).to.deep.equal([
      'service install --with-watchdog --no-start --yes',
      'deploy tag v0.1.0',
      'deploy run v0.1.0 --skip-fetch --yes',
      'service start watchdog',
      'drill crash --yes',
    ])
  })

  it('make no tag that is there, or that git could not make', () => {
    expect(lines({ deploy: { ref: '032d3604', makesTag: false } })).to.deep.equal([
      'deploy run 032d3604 --skip-fetch --yes',
    ])
  })

  it('start a watchdog that was installed before a deployment that failed', () => {
    expect(lines({ hasWatchdog: true, deploy: { ref: 'v1', makesTag: false } })).to.include('service start watchdog')
  })

  it('start the bot in its folder where no version is wanted', () => {
    expect(lines({ service: true })).to.deep.equal(['service install --yes'])
  })
})
