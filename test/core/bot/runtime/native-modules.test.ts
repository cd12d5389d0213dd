import fs from 'node:fs'
import { dirname, join } from 'node:path'
import { expect } from 'chai'
import { hasBoundModules, nodeOnDisk, THIS_NODE } from '#core/bot/runtime/native-modules.js'
import { removeTempFolders, tempFolder } from '../../../support/temp.js'

describe('the native modules of a release', () => {
  afterEach(removeTempFolders)

  const withFile = (path: string, content: string | Buffer) => {
    const folder = tempFolder()
    fs.mkdirSync(dirname(join(folder, path)), { recursive: true })
    fs.writeFileSync(join(folder, path), content)
    return hasBoundModules([folder])
  }
  const BUILT = 'node_modules/a/build/Release/a.node'

  it('are bound to the node that they were built with, unless they go by Node-API', () => {
    expect(withFile(BUILT, '\x7fELF\0node_register_module_v127\0')).to.equal(true)
    expect(withFile(BUILT, '\x7fELF\0node_module_register\0')).to.equal(true)
    expect(withFile(BUILT, '\x7fELF\0napi_register_module_v1\0napi_module_register\0')).to.equal(false)
  })

  it('are found in a large file, whatever piece of it the name is in', () => {
    const MB = 1024 * 1024
    for (const at of [MB - 10, MB - 1, 2 * MB + 5]) {
      const bytes = Buffer.alloc(3 * MB)
      bytes.write('node_register_module_v127', at)
      expect(withFile(BUILT, bytes), String(at)).to.equal(true)
    }
  })

  it('are those of its own node_modules, built there', () => {
    expect(withFile('a.node', 'node_module_register')).to.equal(false)
    expect(withFile('node_modules/a/a.js', 'node_module_register')).to.equal(false)
    expect(withFile('node_modules/a/prebuilds/linux-x64/node.abi115.node', 'node_module_register')).to.equal(false)
    expect(hasBoundModules([join(tempFolder(), 'gone')])).to.equal(false)
  })

  it('would be loaded by the node on disk', async () => {
    expect(await nodeOnDisk()).to.deep.equal(THIS_NODE)
  })
})
