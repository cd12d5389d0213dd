import fs from 'node:fs'
import { dirname, join } from 'node:path'
import { expect } from 'chai'
import { askRuntimeFault, readRuntimeFault } from '#core/bot/runtime/read-runtime.js'
import { homePaths } from '#core/home/home-paths.js'
import { currentUser } from '#core/platform/process/users.js'
import { removeTempFolders, tempFolder } from '../../../support/temp.js'

describe('the runtime under a release on disk', () => {
  afterEach(removeTempFolders)

  const OTHER = 'The native modules of v1 were built for another node: for ABI 1, and'
  const NODE_FIRST = { PATH: `${dirname(process.execPath)}:/usr/bin` }

  function use(manifest: object, bot: { BOT_COMMAND?: string; BOT_MODULE?: string }, environment = NODE_FIRST) {
    const paths = homePaths(tempFolder())
    const folder = join(paths.releases, 'v1-1a2b3c4d')
    fs.mkdirSync(folder, { recursive: true })
    fs.writeFileSync(`${folder}.json`, JSON.stringify(manifest))
    const settings = { BOT_COMMAND: undefined, BOT_MODULE: undefined, ...bot }
    return { paths, release: { name: 'v1-1a2b3c4d', folder }, settings, environment }
  }
  const fault = (...facts: Parameters<typeof use>) => readRuntimeFault(use(...facts))?.text

  it('has another node than its manifest says', async () => {
    expect(fault({ tag: 'v1', node_abi: '1' }, { BOT_MODULE: 'bot.mjs' })).to.include(OTHER)
    expect(fault({ tag: 'v1', node_abi: process.versions.modules }, { BOT_MODULE: 'bot.mjs' })).to.equal(undefined)
    const asked = await askRuntimeFault(use({ tag: 'v1', node_abi: '1' }, { BOT_MODULE: 'bot.mjs' }), currentUser())
    expect(asked?.text).to.include(OTHER)
  })

  it('is not judged without native modules, nor by the manifest of an older version', () => {
    expect(fault({ tag: 'v1', node_abi: null }, { BOT_MODULE: 'bot.mjs' })).to.equal(undefined)
    expect(fault({ tag: 'v1' }, { BOT_MODULE: 'bot.mjs' })).to.equal(undefined)
    expect(fault({ tag: 'v1', node_abi: 1 }, { BOT_MODULE: 'bot.mjs' }), 'damaged').to.equal(undefined)
  })

  it('is judged by the node of this process only where that runs the bot', () => {
    const manifest = { tag: 'v1', node_abi: '1' }
    expect(fault(manifest, { BOT_COMMAND: 'node bot.js' })).to.include(OTHER)
    expect(fault(manifest, { BOT_COMMAND: 'npm start' })).to.include(OTHER)
    expect(fault(manifest, { BOT_COMMAND: `${process.execPath} bot.js` })).to.include(OTHER)
    expect(fault(manifest, { BOT_COMMAND: 'python3 bot.py' })).to.equal(undefined)
    const other = tempFolder()
    fs.writeFileSync(join(other, 'node'), '')
    expect(fault(manifest, { BOT_COMMAND: 'node bot.js' }, { PATH: `${other}:${NODE_FIRST.PATH}` })).to.equal(undefined)
    expect(fault(manifest, {}), 'the built-in bot').to.equal(undefined)
  })
})
