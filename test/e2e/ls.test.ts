import fs from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import type { Overview } from '#core/condition/glance.js'
import { endToEnd } from '../support/e2e/end-to-end.js'
import { BIN } from '../support/e2e/root.js'
import { until } from '../support/e2e/until.js'
import { tempFolder } from '../support/temp.js'

const TOKEN = `123456789:${'Ab-_'.repeat(9)}`

describe('e2e: ls', () => {
  const { home: emptyHome, moduleHome, run } = endToEnd()

  it('finds the homes in which a bot was started, and names those with the same token', async () => {
    const config = { XDG_CONFIG_HOME: tempFolder() }
    const [works, stopped, other] = [
      moduleHome(undefined, { BOT_NAME: 'Works', BOT_TOKEN: TOKEN }),
      moduleHome(undefined, { BOT_NAME: 'Stopped', TELEGRAM_TOKEN: TOKEN }),
      emptyHome(),
    ]
    const registry = join(config.XDG_CONFIG_HOME, 'catalyst', 'homes.json')
    const known = () => (fs.existsSync(registry) ? fs.readFileSync(registry, 'utf8') : '')
    const bots = await Promise.all([works.healthy([], config), stopped.healthy([], config)])
    await until(() => [works, stopped].every(({ folder }) => known().includes(folder)))
    bots[1]?.kill('SIGTERM')
    await bots[1]?.result()
    const ls = (...words: string[]) =>
      run(process.execPath, [BIN, ...words], { folder: other.folder, env: config }).result()
    const { code, stdout, stderr } = await ls('ls', '--json')
    expect(code, stderr).to.equal(0)
    const { homes, shared_tokens } = JSON.parse(stdout) as Overview
    const of = (folder: string) => homes.find(({ home }) => home === folder)
    expect(of(works.folder)).to.deep.include({ name: 'Works', pid: bots[0]?.pid, restarts: 0, release: null })
    expect(of(works.folder)?.health.status).to.equal('healthy')
    expect(of(works.folder)?.memory_bytes).to.be.above(20e6)
    expect(of(stopped.folder)).to.deep.include({ name: 'Stopped', pid: null, cpu_ratio: null })
    expect(of(other.folder)).to.equal(undefined)
    const shared = { homes: [works.folder, stopped.folder].sort(), settings: ['BOT_TOKEN', 'TELEGRAM_TOKEN'] }
    expect(shared_tokens).to.deep.equal([shared])
    const text = await ls('ls')
    expect(text.stdout)
      .to.match(/^name +health +up .*\n/)
      .and.match(/^Works +healthy +\d/m)
    expect(text.stderr).to.contain('have the same bot token (BOT_TOKEN, TELEGRAM_TOKEN)')
    expect(text.stdout + text.stderr + stdout).to.not.contain(TOKEN)
    expect((await ls('status', '--all')).code, 'one does not run').to.equal(2)
  })
})
