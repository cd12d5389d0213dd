import { randomBytes } from 'node:crypto'
import { mkdirSync, statfsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { measureRounds } from '../kernel/figures.js'
import { writeHome } from '../kernel/home.js'
import { alone, paired } from '../kernel/row.js'
import type { Section } from '../kernel/section.js'

const ROUNDS = 9
const MB = 1024 * 1024
const FILES = 100
const FILE_BYTES = 10 * MB
const PASSWORD = 'bench'
/** The home, two repositories, and room for what changes. */
const NEEDED_BYTES = 4 * FILES * FILE_BYTES

/** A backup of what has changed, into a folder, against restic alone on the same files, each in a repository of its own. */
export const backup: Section = {
  name: 'backup',
  about: '`backup run` of 1 GB, of which 1 % has changed, against restic alone',
  async run(bench) {
    const { scratch, catalyst, say } = bench
    if ((await scratch.run(['restic', 'version']).catch(() => undefined))?.code !== 0) {
      bench.missing("restic: Debian's package of that name")
      return []
    }
    const folder = scratch.folder()
    const { bavail, bsize } = statfsSync(folder)
    if (bavail * bsize < NEEDED_BYTES) {
      bench.missing(`a backup of 1 GB: too little space in ${folder}`)
      return []
    }
    const home = join(folder, 'home')
    mkdirSync(join(home, 'data'), { recursive: true })
    writeHome(home, { BACKUP_REPOSITORY: join(folder, 'ours'), BACKUP_PASSWORD: PASSWORD })
    const change = (file: number) => writeFileSync(join(home, 'data', `${file % FILES}`), randomBytes(FILE_BYTES))
    say('backup: writing 1 GB …')
    for (let file = 0; file < FILES; file++) change(file)
    const env = {
      RESTIC_REPOSITORY: join(folder, 'theirs'),
      RESTIC_PASSWORD: PASSWORD,
      RESTIC_CACHE_DIR: join(folder, 'cache'),
    }
    await scratch.output([...catalyst, 'backup', 'run', '--init', '--home', home], { cwd: home })
    await scratch.output(['restic', 'init'], { cwd: home, env })
    await scratch.output(['restic', 'backup', 'data', '.env'], { cwd: home, env })
    let changed = 0
    /** Returns a subject for which one file has changed since its last round: the same for all subjects of a round. */
    const subject = (run: () => Promise<number>) => {
      let round = 0
      return () => {
        round += 1
        for (; changed < round; changed++) change(changed)
        return run()
      }
    }
    const { ours, theirs } = await measureRounds(bench.rounds(ROUNDS), {
      ours: subject(() => scratch.wallMs([...catalyst, 'backup', 'run', '--home', home], { cwd: home })),
      theirs: subject(() => scratch.wallMs(['restic', 'backup', 'data', '.env'], { cwd: home, env })),
    })
    return [
      paired('backup run, 1 GB of which 1 % has changed', 'ms', ours, ['restic backup', theirs], {
        goal: { of: 'ratio', atMost: 1.3 },
      }),
      alone(
        'what a backup takes beyond that',
        'ms',
        ours.map((ms, index) => ms - (theirs[index] as number)),
      ),
    ]
  },
}
