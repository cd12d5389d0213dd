import { execFileSync, spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { median } from './median.js'

const cli = fileURLToPath(new URL('../bin/run.js', import.meta.url))
const TAGS = 10_000
const ROUNDS = 15

/** `deploy list-tags` in a repository of 10,000 tags, against `node -e 0` and git's own fastest listing of as many. */
export function listTagsBench(newHome) {
  const home = newHome()
  const git = (words, input) =>
    execFileSync('git', ['-c', 'user.name=B', '-c', 'user.email=b@example.com', ...words], {
      cwd: home,
      input,
      encoding: 'utf8',
    })
  git(['init', '--quiet'])
  writeFileSync(join(home, '.env'), '')
  git(['commit', '--quiet', '--allow-empty', '--message', 'one'])
  const commit = git(['rev-parse', 'HEAD']).trim()
  const lines = Array.from({ length: TAGS }, (_, index) => `create refs/tags/v1.0.${index} ${commit}\n`)
  git(['update-ref', '--stdin'], lines.join(''))
  git(['pack-refs', '--all'])
  const rounds = []
  for (let round = 0; round < ROUNDS; round++) {
    const ours = wallMs(process.execPath, [cli, 'deploy', 'list-tags', '--home', home], home)
    const listing = ['for-each-ref', '--sort=-creatordate', '--count=20', '--format=%(refname:strip=2)', 'refs/tags']
    const theirs = wallMs(process.execPath, ['-e', '0'], home) + wallMs('git', listing, home)
    rounds.push([ours, theirs])
  }
  const [ours, theirs] = [0, 1].map((index) => median(rounds.map((round) => round[index])))
  return [
    {
      name: `deploy list-tags, ${TAGS} tags`,
      value: `${ours.toFixed(0)} ms`,
      yardstick: `node -e 0 + git: ${theirs.toFixed(0)} ms`,
      ratio: median(rounds.map(([one, other]) => one / other)),
      limit: '<= 3',
    },
  ]
}

function wallMs(program, args, cwd) {
  const began = performance.now()
  const { status } = spawnSync(program, args, { stdio: 'ignore', cwd })
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} failed`)
  return performance.now() - began
}
