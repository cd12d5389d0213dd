import { expect } from 'chai'
import { settingsOf } from '#cli/watchdog/watchdog-flags.js'

describe('the flags of watchdog run', () => {
  it('replace settings for one run', () => {
    expect(settingsOf({})).to.deep.equal({})
    expect(settingsOf({ enabled: true, 'check-interval': '5', 'restart-on-freeze': false })).to.deep.equal({
      WATCHDOG_ENABLED: '1',
      WATCHDOG_CHECK_INTERVAL: '5',
      WATCHDOG_RESTART_ON_FREEZE: '0',
    })
  })

  it('are checked as the settings are, and named as they were typed', () => {
    const says = (flags: Parameters<typeof settingsOf>[0]) => () => settingsOf(flags)
    expect(says({ 'check-interval': 'soon' })).to.throw('--check-interval must be a number of seconds')
    expect(says({ 'max-restarts': '1.5' })).to.throw('--max-restarts must be a whole number')
    expect(says({ 'freeze-threshold': ' ' })).to.throw('--freeze-threshold must not be empty')
  })
})
