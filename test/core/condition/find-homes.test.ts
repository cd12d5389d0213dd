import { expect } from 'chai'
import { homeOf } from '#core/condition/find-homes.js'

describe('the home in a command line', () => {
  const of = (line: string) => homeOf(line.split(' '))

  it('is that of a bot, and of a watchdog', () => {
    expect(of('node /opt/catalyst/bin/run.js bot start --home /srv/a')).to.equal('/srv/a')
    expect(of('/usr/bin/node /opt/bin/run.js watchdog run --home /srv/b')).to.equal('/srv/b')
    expect(of('node /usr/bin/catalyst bot start --demo --home /srv/c')).to.equal('/srv/c')
  })

  it('is none of a watchdog of all homes', () => {
    const shared = '/home/ann/.config/catalyst/shared-watchdog'
    expect(of(`node /opt/bin/run.js watchdog run --all --home ${shared}`)).to.equal(undefined)
    expect(of('node /opt/bin/run.js watchdog run --all')).to.equal(undefined)
  })

  it('is none of other programs, nor of commands that name none', () => {
    expect(of('node /opt/bin/run.js logs --follow --home /srv/a')).to.equal(undefined)
    expect(of('node /opt/bin/run.js bot start')).to.equal(undefined)
    expect(of('vim bot start --home /srv/a')).to.equal(undefined)
  })
})
