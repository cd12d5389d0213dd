import fs from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { homePaths } from '#core/home/home-paths.js'
import { beginRestoring, finishRestoring, settleRestore } from '#core/home/restoring.js'
import { failureOf } from '../../support/failure.js'
import { removeTempFolders, tempFolder } from '../../support/temp.js'

const FROM = '.catalyst/restore/then'
const UNDO = '.catalyst/undo/20260101T000000000Z'

describe('a restore that is finished', () => {
  afterEach(removeTempFolders)

  /** A home in which settings and a file are about to be restored. */
  function restoring(settingsOfThen = 'BOT_NAME=then\n') {
    const paths = homePaths(tempFolder())
    const write = (path: string, text: string) => {
      fs.mkdirSync(join(paths.home, path, '..'), { recursive: true })
      fs.writeFileSync(join(paths.home, path), text)
    }
    for (const [folder, text] of [
      ['.', 'now'],
      [FROM, 'then'],
    ] as const)
      write(join(folder, 'data/text'), text)
    write('.env', 'BOT_NAME=now\n')
    write(join(FROM, '.env'), settingsOfThen)
    const record = { backup: 'then', from: FROM, undo: UNDO, come: ['.env', 'data/text'], go: [], linked: [] }
    beginRestoring(paths, record)
    const read = (path: string) => fs.readFileSync(join(paths.home, path), 'utf8')
    return { paths, record, write, read }
  }

  it('leaves the home with settings in each moment, the old or the new ones', () => {
    const { paths, record, write, read } = restoring()
    write(`${UNDO}/data`, 'in the way')
    expect(() => finishRestoring(paths, record)).to.throw()
    expect(read('.env')).to.equal('BOT_NAME=now\n')
    fs.rmSync(join(paths.home, UNDO, 'data'))
    finishRestoring(paths, record)
    expect([read('.env'), read('data/text')]).to.deep.equal(['BOT_NAME=then\n', 'then'])
    expect([read(`${UNDO}/.env`), read(`${UNDO}/data/text`)]).to.deep.equal(['BOT_NAME=now\n', 'now'])
    expect(fs.readdirSync(join(paths.home, UNDO)).sort()).to.deep.equal(['.env', 'data', 'replaced.json'])
  })

  it('lets no bot go on that has read other settings before', async () => {
    const { paths, read } = restoring()
    expect(await failureOf(settleRestore(paths))).to.include({ code: 'BACKUP_BUSY', exit: 75 })
    expect(read('data/text')).to.equal('then')
    await settleRestore(paths)
  })

  it('lets a bot go on whose settings are the same', async () => {
    const { paths, read } = restoring('BOT_NAME=now\n')
    await settleRestore(paths)
    expect(read('data/text')).to.equal('then')
  })
})
