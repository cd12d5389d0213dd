import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import { dirname, join } from 'node:path'

/** Who commits in the tests, and no settings of whoever runs them. */
const AS_NOBODY = {
  GIT_AUTHOR_NAME: 'Ann',
  GIT_AUTHOR_EMAIL: 'ann@example.com',
  GIT_COMMITTER_NAME: 'Ann',
  GIT_COMMITTER_EMAIL: 'ann@example.com',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
}

/** A real git repository in a folder. */
export class TestRepository {
  readonly folder: string

  constructor(folder: string) {
    this.folder = folder
    fs.mkdirSync(folder, { recursive: true })
    this.git('init', '--quiet', '--initial-branch=main')
    this.git('config', 'user.name', 'Ann')
    this.git('config', 'user.email', 'ann@example.com')
  }

  git(...words: readonly string[]): string {
    const env = { ...process.env, ...AS_NOBODY }
    return execFileSync('git', words, {
      cwd: this.folder,
      encoding: 'utf8',
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    }).trim()
  }

  /** Writes these files and commits them; the answer is the commit. */
  commit(files: Readonly<Record<string, string>>, message = 'change'): string {
    for (const [name, text] of Object.entries(files)) {
      fs.mkdirSync(dirname(join(this.folder, name)), { recursive: true })
      fs.writeFileSync(join(this.folder, name), text)
    }
    this.git('add', '--all', '--force', ...Object.keys(files))
    this.git('commit', '--quiet', '--allow-empty', `--message=${message}`)
    return this.git('rev-parse', 'HEAD')
  }
}
