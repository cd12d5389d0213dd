import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { realClock } from '#core/platform/clock.js'
import {
  commandLineSqlite,
  findSqlite,
  nodeHasBackup,
  nodeSqlite,
  pythonSqlite,
  type Sqlite,
} from '#core/platform/sqlite/sqlite.js'
import { isSqlite, isWal } from '#core/platform/sqlite/sqlite-file.js'
import { writer } from '../../../backup/support/backed-up-home.js'
import { removeTempFolders, tempFolder } from '../../../support/temp.js'

const PLACE = { folders: [] }
const { signal } = new AbortController()
const sql = (path: string, text: string) => execFileSync('sqlite3', [path, text], { encoding: 'utf8' }).trim()
const messageOf = (work: Promise<unknown>) =>
  work.then(
    () => 'it did not fail',
    (error: Error) => error.message,
  )
const LARGE =
  'CREATE TABLE large(b); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 6000) INSERT INTO large SELECT randomblob(3900) FROM n'

const TOOLS: Record<string, () => Promise<Sqlite | undefined>> = {
  python: () => pythonSqlite(realClock, PLACE),
  'the command line': () => commandLineSqlite(realClock, PLACE),
  ...(nodeHasBackup(process.versions.node) && { node: async () => nodeSqlite(realClock, PLACE) }),
}

for (const [name, find] of Object.entries(TOOLS))
  describe(`SQLite by ${name}`, () => {
    afterEach(removeTempFolders)
    let tool: Sqlite
    before(async () => {
      tool = (await find()) as Sqlite
    })

    function database(file: string, mode: string): string {
      const path = join(tempFolder(), file)
      sql(path, `PRAGMA journal_mode=${mode}; CREATE TABLE rows(text); INSERT INTO rows VALUES (1)`)
      return path
    }

    for (const mode of ['wal', 'delete'])
      it(`copies a whole database while rows are written, and loses none (${mode})`, async function () {
        this.timeout(60_000)
        const path = database('bot.db', mode)
        sql(path, LARGE)
        const bot = writer(path, mode)
        await bot.ready
        const copy = `${path}.copy`
        await tool.copy(path, copy, signal)
        const { rows } = await bot.stop()
        expect(sql(path, 'SELECT count(*) FROM rows')).to.equal(String(rows + 1))
        expect(fs.readdirSync(join(path, '..')).filter((one) => one.startsWith('bot.db.copy'))).to.deep.equal([
          'bot.db.copy',
        ])
        expect(await tool.check(copy, signal)).to.equal(undefined)
        expect(await tool.rows(copy, signal)).to.deep.include({ large: 6000 })
      })

    it('copies one whose name is odd, and tells rows of tables whose names are', async () => {
      const path = database(`a 'b' %41 #?"c" ü.db`, 'wal')
      sql(path, 'CREATE TABLE "a ""b"" c"(x); INSERT INTO "a ""b"" c" VALUES (1), (2)')
      await tool.copy(path, `${path}.copy`, signal)
      expect(await tool.rows(`${path}.copy`, signal)).to.deep.equal({ rows: 1, 'a "b" c': 2 })
    })

    it('tells what is wrong with one that is damaged', async () => {
      const path = database('bot.db', 'delete')
      sql(path, LARGE)
      const file = fs.openSync(path, 'r+')
      fs.writeSync(file, Buffer.alloc(9000, 'x'), 0, 9000, 40_000)
      fs.closeSync(file)
      expect(await tool.check(path, signal)).to.be.a('string')
    })

    it('leaves nothing of a copy that fails or is cancelled', async () => {
      const path = database('bot.db', 'delete')
      fs.writeFileSync(path, 'SQLite format 3\0 and then nothing that it knows')
      expect(await messageOf(tool.copy(path, `${path}.copy`, signal))).to.include('not a database')
      const other = database('bot.db', 'delete')
      expect(await messageOf(tool.copy(other, `${other}.copy`, AbortSignal.abort()))).to.equal('it was cancelled')
      expect([fs.existsSync(`${path}.copy`), fs.existsSync(`${other}.copy`)]).to.deep.equal([false, false])
    })

    it('fails where there is none to copy, and makes none', async () => {
      const path = join(tempFolder(), 'none.db')
      expect(await messageOf(tool.copy(path, `${path}.copy`, signal))).not.to.equal('it did not fail')
      expect([fs.existsSync(path), fs.existsSync(`${path}.copy`)]).to.deep.equal([false, false])
    })
  })

describe('SQLite of this machine', () => {
  afterEach(removeTempFolders)

  it('is found', async () => {
    expect(await findSqlite(realClock, PLACE)).not.to.equal(undefined)
  })

  it("is node's own in the lines that have its online backup without a flag", () => {
    const have = ['20.19.0', '22.15.0', '22.16.0', '23.7.0', '23.8.0', '24.0.0', '26.1.0'].filter(nodeHasBackup)
    expect(have).to.deep.equal(['22.16.0', '23.8.0', '24.0.0', '26.1.0'])
  })

  it('is known by its first bytes, or where those are damaged by what lies beside it, whether it is whole or not', () => {
    const folder = tempFolder()
    sql(join(folder, 'a'), 'CREATE TABLE a(b)')
    fs.writeFileSync(join(folder, 'torn'), `SQLite format 3\0${'x'.repeat(700)}`)
    fs.writeFileSync(join(folder, 'text'), 'SQLite')
    fs.writeFileSync(join(folder, 'empty'), '')
    for (const name of ['overwritten', 'overwritten-wal', 'empty-wal']) fs.writeFileSync(join(folder, name), 'x')
    const found = ['a', 'torn', 'overwritten', 'overwritten-wal', 'text', 'empty', 'none'].filter((name) =>
      isSqlite(join(folder, name)),
    )
    expect(found).to.deep.equal(['a', 'torn', 'overwritten'])
    expect(isWal(join(folder, 'a'))).to.equal(false)
    sql(join(folder, 'a'), 'PRAGMA journal_mode=wal')
    expect(isWal(join(folder, 'a'))).to.equal(true)
  })
})
