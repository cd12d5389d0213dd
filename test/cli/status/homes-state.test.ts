import { expect } from 'chai'
import { FIRST, type HomesState, press, withHomes } from '#cli/status/homes-state.js'

const HOMES = ['/srv/a', '/srv/b', '/srv/c']

/** Presses one key after the other, and returns the last state with all that they did. */
function pressed(...keys: string[]): { state: HomesState; deeds: string[] } {
  let state = withHomes(FIRST, HOMES)
  const deeds: string[] = []
  for (const key of keys) {
    const next = press(state, key, HOMES)
    state = next.state
    if (next.deed) deeds.push(next.deed)
  }
  return { state, deeds }
}

describe('the screen of all homes', () => {
  for (const [keys, chosen] of [
    [[], '/srv/a'],
    [['j'], '/srv/b'],
    [['down', 'j', 'j'], '/srv/c'],
    [['j', 'k', 'up'], '/srv/a'],
    [['G'], '/srv/c'],
    [['end', 'home'], '/srv/a'],
  ] as const)
    it(`has ${chosen} chosen after ${keys.join(', ') || 'no key'}`, () => {
      expect(pressed(...keys).state.chosen).to.equal(chosen)
    })

  for (const [keys, mode, deeds] of [
    [['enter'], 'status', ['read']],
    [['enter', 'q'], 'list', ['read', 'read']],
    [['enter', 'escape'], 'list', ['read', 'read']],
    [['enter', 'ctrl-c'], 'status', ['read', 'end']],
    [['l'], 'logs', ['open-logs']],
    [['l', 'j'], 'logs', ['open-logs']],
    [['l', 'ctrl-c'], 'list', ['open-logs', 'close-logs']],
    [['enter', 'l', 'q'], 'status', ['read', 'open-logs', 'close-logs']],
    [['?'], 'help', []],
    [['?', 'q'], 'list', []],
    [['?', 'ctrl-c'], 'help', ['end']],
    [['r'], 'confirm', []],
    [['r', 'n'], 'list', []],
    [['r', 'enter'], 'list', []],
    [['r', 'y'], 'list', ['restart']],
    [['enter', 'r', 'y'], 'status', ['read', 'restart']],
    [['q'], 'list', ['end']],
    [['ctrl-c'], 'list', ['end']],
    [['escape', 'x'], 'list', []],
  ] as const)
    it(`after ${keys.join(', ')} shows ${mode}, and did ${deeds.join(', ') || 'nothing'}`, () => {
      const { state, deeds: did } = pressed(...keys)
      expect({ mode: state.mode, did }).to.deep.equal({ mode, did: deeds })
    })

  it('goes on with the neighbor of a home that vanishes', () => {
    const { state } = pressed('G')
    expect(withHomes(state, ['/srv/a', '/srv/b']).chosen).to.equal('/srv/b')
    expect(withHomes(pressed('j').state, ['/srv/0', ...HOMES])).to.include({ chosen: '/srv/b', at: 2 })
  })

  it('opens nothing where there is no home', () => {
    const none = withHomes(FIRST, [])
    for (const key of ['enter', 'l', 'r', 'j', 'G'])
      expect(press(none, key, []).state, key).to.include({ mode: 'list', chosen: undefined, at: 0 })
    expect(press(none, 'q', []).deed).to.equal('end')
  })
})
