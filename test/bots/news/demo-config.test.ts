import { expect } from 'chai'
import { readFullConfig } from '#bots/config.js'
import { demoConfig } from '#bots/news/demo-config.js'

describe('news: the settings of a demo', () => {
  it('make no requests to the outside, whatever is set', () => {
    for (const env of [{ HEALTH_SERVICES: 'a=http://a.example/' }, { TIINGO_API_KEY: 'abcd' }]) {
      const config = readFullConfig('/nowhere', { BOT_COMMAND: 'x', ...env })
      expect(config.dependencies).to.have.length(1)
      expect(demoConfig(config).dependencies).to.deep.equal([])
    }
  })

  it('run the built-in bot, quick enough to watch unless a pause is set', () => {
    const settings = (env: Record<string, string>) => demoConfig(readFullConfig('/nowhere', env)).settings
    expect(settings({ BOT_COMMAND: 'x' })).to.include({ BOT_COMMAND: undefined, BOT_CYCLE_SECONDS: 5 })
    expect(settings({ BOT_CYCLE_SECONDS: '60' })).to.include({ BOT_CYCLE_SECONDS: 60 })
  })
})
