import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { expect } from 'chai'
import { homePaths } from '#core/home/home-paths.js'
import { type InstalledService, readInstalled, writeInstalled } from '#core/home/installed-services.js'
import { tempFolder } from '../../support/temp.js'

const BOT: InstalledService = {
  name: 'News',
  manager: 'systemd',
  scope: 'user',
  definition: '[Unit]\n',
  node: '/usr/bin/node',
  node_version: 'v20.20.2',
  cli: '/usr/bin/catalyst',
  at: '2026-03-01T12:00:00.000Z',
}
const WATCHDOG = { ...BOT, name: 'News-watchdog' }

function withFile(text: string) {
  const paths = homePaths(tempFolder())
  mkdirSync(paths.state, { recursive: true })
  writeFileSync(paths.services, text)
  return paths
}

describe('the installed services of a home', () => {
  for (const services of [
    {},
    { bot: BOT },
    { watchdog: WATCHDOG },
    { bot: { ...BOT, account: 'ann' }, watchdog: WATCHDOG },
  ]) {
    it(`is read as it was written: ${Object.keys(services).join(' and ') || 'nothing'}`, () => {
      const paths = homePaths(tempFolder())
      writeInstalled(paths, services)
      expect(readInstalled(paths)).to.deep.equal(services)
      expect(readFileSync(paths.services, 'utf8')).to.match(/\}\n$/)
    })
  }

  it('are empty without a file', () => {
    expect(readInstalled(homePaths(tempFolder()))).to.deep.equal({})
  })

  const whole = JSON.stringify({ bot: BOT, watchdog: WATCHDOG })
  const without = (field: string) => JSON.stringify({ bot: { ...BOT, [field]: undefined } })
  const damaged: [string, string][] = [
    ['empty', ''],
    ['torn', whole.slice(0, -20)],
    ['no JSON', 'bot: News'],
    ['null', 'null'],
    ['a list', `[${JSON.stringify(BOT)}]`],
    ['a word', '"News"'],
    ['with null for a service', '{"bot":null}'],
    ['with a word for a service', '{"bot":"News"}'],
    ['with a service without a name', without('name')],
    ['with a service without a scope', without('scope')],
    ['with a service without a definition', without('definition')],
    ['with a service without a node', without('node')],
    ['with a number for a name', JSON.stringify({ bot: { ...BOT, name: 7 } })],
    ['with a watchdog that is damaged', JSON.stringify({ bot: BOT, watchdog: {} })],
  ]
  for (const [what, text] of damaged) {
    it(`is nothing where the file is ${what}, and can be written anew`, () => {
      const paths = withFile(text)
      expect(readInstalled(paths)).to.deep.equal({})
      writeInstalled(paths, { bot: BOT })
      expect(readInstalled(paths)).to.deep.equal({ bot: BOT })
    })
  }

  it('may hold fields of a later version', () => {
    const later = { bot: { ...BOT, more: 1 }, other: { x: 1 } }
    expect(readInstalled(withFile(JSON.stringify(later)))).to.deep.equal(later)
  })
})
