import { spawn } from 'node:child_process'
import { mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { whyNotWritable } from '#core/platform/fs/permissions.js'
import { copyAtomically, publishFolder, writeAtomically } from '#core/platform/fs/write-files.js'
import { removeTempFolders, tempFolder } from '../../../support/temp.js'

const HEX = '0123456789ab'

describe('a temporary file of a killed process', () => {
  afterEach(removeTempFolders)

  function leave(folder: string, name: string, minutes: number): void {
    mkdirSync(folder, { recursive: true })
    const path = join(folder, name)
    writeFileSync(path, 'half')
    const at = Date.now() / 1000 - minutes * 60
    utimesSync(path, at, at)
  }

  it('is removed by the next process that writes there, once it is old', () => {
    const folder = join(tempFolder(), '.catalyst', 'state')
    leave(folder, `watchdog.json.${HEX}.tmp`, 11)
    leave(folder, `deploy.lock.x.breaking.${HEX}.tmp`, 11)
    leave(folder, `bot.json.${HEX}.tmp`, 9)
    const others = ['notes.tmp', `x.${HEX}`, `x.${HEX.toUpperCase()}.tmp`, `x.${HEX}.tmp.bak`]
    for (const name of others) leave(folder, name, 1000)
    writeAtomically(join(folder, 'watchdog.json'), '{}')
    expect(readdirSync(folder)).to.have.members(['watchdog.json', `bot.json.${HEX}.tmp`, ...others])
  })

  it('is removed from a folder of the bot only under the very name that is written', () => {
    for (const folder of [tempFolder(), join(tempFolder(), '.catalyst', 'releases', 'v1')]) {
      leave(folder, `.env.${HEX}.tmp`, 11)
      leave(folder, `theirs.${HEX}.tmp`, 1000)
      writeAtomically(join(folder, '.env'), 'A=1\n')
      expect(readdirSync(folder)).to.have.members(['.env', `theirs.${HEX}.tmp`])
    }
  })

  it('is removed also after making a folder, copying a file, or probing a place', () => {
    const backups = join(tempFolder(), '.catalyst', 'backups')
    leave(join(backups, `a.${HEX}.tmp`), 'env', 11)
    utimesSync(join(backups, `a.${HEX}.tmp`), 1, 1)
    publishFolder(join(backups, 'b'), (folder) => mkdirSync(folder))
    expect(readdirSync(backups)).to.deep.equal(['b'])
    const release = tempFolder()
    leave(release, `.env.${HEX}.tmp`, 11)
    writeFileSync(join(release, 'source'), '')
    copyAtomically(join(release, 'source'), join(release, '.env'))
    expect(readdirSync(release)).to.deep.equal(['.env', 'source'])
    const data = tempFolder()
    leave(data, `.catalyst-probe.${HEX}.tmp`, 11)
    leave(data, `.theirs.${HEX}.tmp`, 11)
    expect(whyNotWritable(data)).to.equal(undefined)
    expect(readdirSync(data)).to.deep.equal([`.theirs.${HEX}.tmp`])
  })

  it('is searched for once in a process, not at each write', () => {
    const folder = join(tempFolder(), '.catalyst', 'state')
    writeAtomically(join(folder, 'a'), '')
    leave(folder, `a.${HEX}.tmp`, 11)
    writeAtomically(join(folder, 'a'), '')
    expect(readdirSync(folder)).to.include(`a.${HEX}.tmp`)
  })

  it('is really left by a kill, under a known name', async () => {
    const folder = tempFolder()
    const code = `import fs from 'node:fs'
const { writeAtomically } = await import(${JSON.stringify(new URL('../../../../src/core/platform/fs/write-files.ts', import.meta.url).href)})
fs.renameSync = () => process.kill(process.pid, 'SIGKILL')
writeAtomically(${JSON.stringify(join(folder, 'x.json'))}, 'half')`
    const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', code])
    await new Promise((resolve) => child.once('exit', resolve))
    const [left, ...more] = readdirSync(folder)
    expect(left).to.match(/^x\.json\.[0-9a-f]{12}\.tmp$/)
    expect(more).to.deep.equal([])
    utimesSync(join(folder, left as string), 1, 1)
    writeAtomically(join(folder, 'x.json'), 'whole')
    expect(readdirSync(folder)).to.deep.equal(['x.json'])
  })
})
