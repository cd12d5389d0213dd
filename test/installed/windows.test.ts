import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import { basename, join } from 'node:path'
import { expect } from 'chai'
import { type Result, WindowsBox, type WindowsHome } from '../labs/windows-box.js'
import { freePort } from '../support/e2e/server.js'
import { until } from '../support/e2e/until.js'
import { removeFolder } from '../support/temp.js'
import { makeZip } from './packages.js'

/** The newest that starts under Debian's Wine 8: V8 of 24 and 26 reserves memory in a way that this Wine has not. */
const WINE_NODE = '22.23.3'

describe('installed on Windows as a zip', () => {
  const box = new WindowsBox({ node: WINE_NODE })
  const work = fs.mkdtempSync(join(fs.realpathSync(os.tmpdir()), 'catalyst-zip-'))
  let folder: string
  let home: WindowsHome

  before(async function () {
    this.timeout(600_000)
    const zip = await makeZip(work)
    await box.start()
    execFileSync('python3', ['-m', 'zipfile', '-e', zip, box.drive])
    const name = basename(zip, '.zip')
    folder = `C:\\${name}`
    fs.copyFileSync(join(box.drive, 'nodejs/node.exe'), join(box.drive, name, 'runtime/node.exe'))
    fs.chmodSync(join(box.drive, name, 'runtime/node.exe'), 0o755)
  })

  after(async () => {
    await box.stop()
    removeFolder(work)
  })

  /** What a person types: the launcher, by cmd. */
  const catalyst = (...words: string[]): Promise<Result> => box.wine('cmd', '/c', `${folder}\\catalyst.cmd`, ...words)
  const forHome = (...words: string[]) => catalyst(...words, '--home', home.inside)

  it('is a command that passes arguments and exit codes on', async () => {
    const version = await catalyst('--version')
    expect(version.code, version.output).to.equal(0)
    expect(version.stdout).to.contain(`node-v${WINE_NODE}`)
    expect((await catalyst('no-such-command')).code).to.equal(2)
  })

  it("runs a bot as a service with the folder's own node, also after a reboot", async () => {
    home = box.home('my bot', { 'bot.mjs': "export default { name: 'lab', cycle() {} }\n" })
    home.writeSettings({ BOT_MODULE: 'bot.mjs', BOT_CYCLE_SECONDS: '0.2', HEALTH_CHECK_PORT: String(await freePort()) })
    const installed = await forHome('service', 'install', '--yes', '--name', 'Lab')
    expect(installed.code, installed.output).to.equal(0)
    await home.answers()
    expect((await box.nssm('get', 'Lab', 'Application')).stdout.trim()).to.equal(`${folder}\\runtime\\node.exe`)
    expect((await box.nssm('get', 'Lab', 'AppParameters')).stdout).to.contain(`${folder}\\app\\bin\\run.js`)

    const starts = () => home.journal().filter(({ kind }) => kind === 'bot.start').length
    const before = starts()
    await box.reboot()
    await until(() => starts() > before, 80_000)
    await home.answers()
  })

  it('leaves nothing but the home', async () => {
    const removed = await forHome('service', 'uninstall', '--yes')
    expect(removed.code, removed.output).to.equal(0)
    await box.emptied(removed.output)
    fs.rmSync(join(box.drive, folder.slice('C:\\'.length)), { recursive: true })
    expect(home.own()).to.deep.equal(['.env', 'bot.mjs'])
  })
})
