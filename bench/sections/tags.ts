import { measureRounds } from '../kernel/figures.js'
import { writeHome } from '../kernel/home.js'
import { paired } from '../kernel/row.js'
import type { Section } from '../kernel/section.js'

const ROUNDS = 15
const TAGS = 10_000

/** `deploy list-tags` where there are many, against git's own quickest listing of as many and a start of node. */
export const tags: Section = {
  name: 'tags',
  about: `deploy list-tags with ${TAGS} tags`,
  async run({ scratch, catalyst, rounds }) {
    const home = writeHome(scratch.folder(), {})
    const git = (words: readonly string[], input?: string) =>
      scratch.output(['git', '-c', 'user.name=B', '-c', 'user.email=b@example.com', ...words], {
        cwd: home,
        ...(input !== undefined && { input }),
      })
    await git(['init', '--quiet'])
    await git(['commit', '--quiet', '--allow-empty', '--message', 'one'])
    const commit = (await git(['rev-parse', 'HEAD'])).trim()
    const lines = Array.from({ length: TAGS }, (_, index) => `create refs/tags/v1.0.${index} ${commit}\n`)
    await git(['update-ref', '--stdin'], lines.join(''))
    await git(['pack-refs', '--all'])
    const listing = ['for-each-ref', '--sort=-creatordate', '--count=20', '--format=%(refname:strip=2)', 'refs/tags']
    const { ours, theirs } = await measureRounds(rounds(ROUNDS), {
      ours: () => scratch.wallMs([...catalyst, 'deploy', 'list-tags', '--home', home], { cwd: home }),
      theirs: async () =>
        (await scratch.wallMs([process.execPath, '-e', '0'])) +
        (await scratch.wallMs(['git', ...listing], { cwd: home })),
    })
    return [
      paired(`deploy list-tags, ${TAGS} tags`, 'ms', ours, ['node -e 0 and git', theirs], {
        goal: { of: 'ratio', atMost: 3 },
      }),
    ]
  },
}
