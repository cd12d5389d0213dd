import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { ROOT } from '../support/e2e/root.js'
import { removeTempFolders, tempFolder } from '../support/temp.js'

describe('the archives', () => {
  afterEach(removeTempFolders)

  /** Packs a folder with a program, in another process: its time zone is read once. */
  function pack(work: string, write: 'writeTar' | 'writeZip', env: Record<string, string>): Buffer {
    const file = join(work, 'packed')
    const script = `import { ${write} } from ${JSON.stringify(join(ROOT, 'scripts/dist/archives.js'))}
      await ${write}(process.argv[1], process.argv[2], { level: 9 })`
    const words = ['--input-type=module', '-e', script, join(work, 'catalyst-1.0.0'), file]
    const { status, stderr } = spawnSync(process.execPath, words, { env: { ...process.env, ...env }, encoding: 'utf8' })
    expect(status, stderr).to.equal(0)
    return fs.readFileSync(file)
  }

  function folder(): string {
    const work = tempFolder()
    fs.mkdirSync(join(work, 'catalyst-1.0.0/runtime'), { recursive: true })
    for (const name of ['runtime/node', 'catalyst', 'B', 'a'])
      fs.writeFileSync(join(work, 'catalyst-1.0.0', name), name)
    for (const name of ['runtime/node', 'catalyst']) fs.chmodSync(join(work, 'catalyst-1.0.0', name), 0o755)
    return work
  }

  for (const write of ['writeTar', 'writeZip'] as const) {
    it(`${write} gives the same bytes in any time zone, at any time`, () => {
      const env = { SOURCE_DATE_EPOCH: '1700000000' }
      const first = pack(folder(), write, { ...env, TZ: 'UTC' })
      expect(pack(folder(), write, { ...env, TZ: 'America/St_Johns' }).equals(first)).to.equal(true)
      expect(pack(folder(), write, { SOURCE_DATE_EPOCH: '1600000000' }).equals(first), 'the time is in it').to.equal(
        false,
      )
    })

    it(`${write} refuses a time that is none`, () => {
      expect(() => pack(folder(), write, { SOURCE_DATE_EPOCH: 'yesterday' })).to.throw('SOURCE_DATE_EPOCH is no number')
    })
  }

  it('are read by others, with the names sorted and the programs executable', () => {
    const list = `import sys, tarfile, zipfile, stat
name = sys.argv[1]
if zipfile.is_zipfile(name):
    with zipfile.ZipFile(name) as z:
        assert z.testzip() is None
        for i in z.infolist(): print(i.filename, oct(i.external_attr >> 16 & 0o777), *i.date_time)
else:
    with tarfile.open(name) as t:
        for i in t.getmembers(): print(i.name, oct(i.mode), i.uid, i.gid, i.uname, i.mtime)`
    const work = folder()
    const read = () =>
      spawnSync('python3', ['-c', list, join(work, 'packed')], { encoding: 'utf8' })
        .stdout.trim()
        .split('\n')
    const names = ['B', 'a', 'catalyst', 'runtime/node'].map((name) => `catalyst-1.0.0/${name}`)
    const modes = ['0o644', '0o644', '0o755', '0o755']
    pack(work, 'writeTar', { SOURCE_DATE_EPOCH: '1700000000' })
    expect(read()).to.deep.equal(names.map((name, index) => `${name} ${modes[index]} 0 0  1700000000`))
    pack(work, 'writeZip', { SOURCE_DATE_EPOCH: '1700000000', TZ: 'Asia/Kathmandu' })
    expect(read()).to.deep.equal(names.map((name, index) => `${name} ${modes[index]} 2023 11 14 22 13 20`))
  })
})
