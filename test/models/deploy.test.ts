import fs from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import fc from 'fast-check'
import { parseEnvFile } from '#core/config/env-file.js'
import { prune } from '#core/deploy/releases/prune.js'
import { Releases } from '#core/deploy/releases/releases.js'
import { backUp, findBackup, openBackup, restore } from '#core/deploy/settings/settings-backup.js'
import { CatalystError } from '#core/errors.js'
import { readPointer } from '#core/home/active-release.js'
import { excludeFromGit } from '#core/home/git-exclude.js'
import { homePaths } from '#core/home/home-paths.js'
import { readJournal } from '#core/journal/journal.js'
import { currentUser } from '#core/platform/process/users.js'
import { aHome } from '../support/builders/home.js'
import { deploy, openNobodysHome, rollBack, stateOfHome } from '../support/deploy/deploy.js'
import { TestRepository } from '../support/deploy/repository.js'
import { tempFolder } from '../support/temp.js'

const KEEP = 2
const SENTINEL = 'what the bot has gathered\n'

/** What people may do, in any order; numbers choose among what there is. */
type Deed =
  | { readonly do: 'deploy'; readonly which: number; readonly force: boolean }
  | { readonly do: 'break off'; readonly which: number; readonly step: number }
  | { readonly do: 'roll back'; readonly which: number; readonly settings: 'snapshot' | 'current' }
  | { readonly do: 'prune' | 'back up' | 'restore' | 'commit' | 'tag' | 'change the key' }
  | { readonly do: 'edit'; readonly how: 'write' | 'delete' | 'stage' | 'add' }

const which = fc.nat(20)
const deeds: fc.Arbitrary<Deed> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant('deploy' as const), which, force: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('break off' as const), which, step: fc.nat(7) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('roll back' as const),
      which,
      settings: fc.constantFrom('snapshot' as const, 'current' as const),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constantFrom('prune', 'back up', 'restore', 'commit', 'commit', 'tag', 'tag', 'change the key'),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('edit' as const),
      how: fc.constantFrom('write' as const, 'delete' as const, 'stage' as const, 'add' as const),
    }),
  },
)

/** Refusals that belong to such a day. */
const EXPECTED = ['VERSION_UNKNOWN', 'BACKUP_UNKNOWN', 'DEPLOY_CANCELLED']

class World {
  readonly repository = new TestRepository(tempFolder())
  readonly folder = this.repository.folder
  readonly paths = homePaths(this.folder)
  #commits = 0
  #key = 'key-0'

  /** A bot has run there, so that git has been told what is ours. */
  static async begin(): Promise<World> {
    const world = new World()
    await excludeFromGit(world.folder, currentUser())
    return world
  }

  private constructor() {
    this.repository.commit({ 'bot.mjs': '0', '.gitignore': '.env\ndata/\n' })
    this.repository.git('tag', 'v0')
    fs.mkdirSync(join(this.folder, 'data', 'deep'), { recursive: true })
    fs.writeFileSync(join(this.folder, 'data', 'deep', 'sentinel'), SENTINEL)
    fs.writeFileSync(this.paths.env, `API_KEY=${this.#key}\nDEPLOY_KEEP_RELEASES=${KEEP}\nBACKUP_KEEP=3\n`)
  }

  async do(deed: Deed): Promise<void> {
    const isOurs = !['commit', 'tag', 'edit', 'change the key'].includes(deed.do)
    const before = isOurs ? this.#state() : undefined
    try {
      if (isOurs) await this.#ours(deed)
      else this.#theirs(deed)
    } catch (error) {
      if (!(error instanceof CatalystError && EXPECTED.includes(error.code))) throw error
    }
    if (before) expect(this.#state(), 'HEAD, index and tree of the home').to.deep.equal(before)
    this.#check(deed)
  }

  async #ours(deed: Deed): Promise<void> {
    switch (deed.do) {
      case 'deploy':
        await deploy(this.folder, this.#version(deed.which), deed.force)
        return
      case 'break off': {
        const stop = new AbortController()
        let steps = 0
        const onStep = ({ state }: { state: string }) => {
          if (state === 'begin' && steps++ === deed.step) stop.abort()
        }
        await deploy(this.folder, this.#version(deed.which), false, { signal: stop.signal, onStep })
        return
      }
      case 'roll back':
        await rollBack(this.folder, this.#version(deed.which), deed.settings)
        return
      case 'prune':
        prune(await openNobodysHome(this.folder))
        return
      case 'back up':
        await backUp(await openNobodysHome(this.folder), 'by hand')
        return
      case 'restore': {
        const home = await openNobodysHome(this.folder)
        const backup = findBackup(home, undefined)
        await restore(home, backup, await openBackup(home, backup, undefined))
        this.#key = this.#keyNow()
      }
    }
  }

  #theirs(deed: Deed): void {
    const { repository, folder } = this
    if (deed.do === 'commit') repository.commit({ 'bot.mjs': String(++this.#commits) })
    if (deed.do === 'tag') repository.git('tag', '--force', `v${this.#commits}`)
    if (deed.do === 'change the key') {
      const text = fs.readFileSync(this.paths.env, 'utf8')
      const key = `key-${Math.random()}`
      fs.writeFileSync(this.paths.env, text.replace(/^API_KEY=.*$/m, `API_KEY=${key}`))
      this.#key = key
    }
    if (deed.do !== 'edit') return
    const path = join(folder, deed.how === 'add' ? 'untracked' : 'bot.mjs')
    if (deed.how === 'delete') fs.rmSync(path, { force: true })
    else fs.writeFileSync(path, `${Math.random()}`)
    if (deed.how === 'stage') repository.git('add', 'bot.mjs')
  }

  #version(chosen: number): string {
    const refs = [...this.repository.git('tag').split('\n'), this.repository.git('rev-parse', 'HEAD')]
    return refs[chosen % refs.length] as string
  }

  #state(): unknown {
    const { files, ...rest } = stateOfHome(this.folder)
    const { '.env': _env, ...others } = files as Record<string, string>
    return { ...rest, files: others }
  }

  #keyNow(): string {
    return parseEnvFile(fs.readFileSync(this.paths.env, 'utf8')).values.API_KEY ?? ''
  }

  #check(deed: Deed): void {
    const { paths, folder } = this
    const store = new Releases(aHome({ folder: paths.home }))
    const all = store.list()
    const pointer = readPointer(paths)
    if (pointer) expect(store.read(pointer.name)?.commit, 'the active release is whole').to.equal(pointer.commit)
    else expect(fs.existsSync(paths.activeRelease)).to.equal(false)
    for (const { name, commit } of all) {
      const release = store.folderOf(name)
      expect(fs.lstatSync(join(release, 'data')).isSymbolicLink()).to.equal(true)
      expect(fs.realpathSync(join(release, 'data'))).to.equal(fs.realpathSync(paths.data))
      expect(fs.realpathSync(join(release, '.env'))).to.equal(fs.realpathSync(paths.env))
      const bot = this.repository.git('cat-file', 'blob', `${commit}:bot.mjs`)
      expect(fs.readFileSync(join(release, 'bot.mjs'), 'utf8')).to.equal(bot)
    }
    expect(fs.readFileSync(join(folder, 'data', 'deep', 'sentinel'), 'utf8')).to.equal(SENTINEL)
    expect(store.unfinished(), 'nothing half made stays').to.deep.equal([])
    expect(fs.existsSync(paths.deployment)).to.equal(false)
    expect(fs.existsSync(paths.deployLock)).to.equal(false)
    expect(readJournal(paths.journal).damaged).to.equal(0)
    expect(this.#keyNow(), 'a secret of today is never replaced by one of then').to.equal(this.#key)
    if (deed.do === 'prune') expect(all.length).to.be.at.most(KEEP + 1)
  }
}

describe('after deployments, rollbacks, cancellations, pruning and edits in any order', () => {
  it('the pointer names a whole release or none, and data, work tree, index and HEAD stay', async () => {
    const until = Date.now() + 18_000
    await fc.assert(
      fc.asyncProperty(fc.array(deeds, { minLength: 6, maxLength: 16 }), async (day) => {
        if (Date.now() > until) return
        const world = await World.begin()
        for (const deed of day) if (Date.now() <= until) await world.do(deed)
      }),
      { numRuns: 8, endOnFailure: true },
    )
  }).timeout(60_000)
})
