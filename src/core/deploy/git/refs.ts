import { CatalystError, EXIT } from '#core/errors.js'
import type { Git } from './git.js'

/** A version as git knows it. */
export interface Version {
  /** The full hash, 40 digits. */
  readonly commit: string
  /** The tag by which it was asked for; null: by its hash. */
  readonly tag: string | null
}

/** A ref that git can't take for an option, a range or a path. */
const REF = /^[^\s\p{C}~^:?*[\\-][^\s\p{C}~^:?*[\\]{0,254}$/u
const COMMIT = /^[0-9a-f]{7,40}$/i

/**
 * Returns the commit that a tag or a commit's hash means.
 * @throws CatalystError USAGE, VERSION_UNKNOWN
 */
export async function resolveVersion(git: Git, ref: string): Promise<Version> {
  if (!REF.test(ref) || ref.includes('..') || ref.includes('@{')) {
    throw new CatalystError(`${JSON.stringify(ref)} is neither a tag nor a commit.`, {
      code: 'USAGE',
      exit: EXIT.usage,
      suggestions: ['See the tags there are: catalyst deploy list-tags'],
    })
  }
  const commitOf = async (name: string) =>
    (await git.ask('rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`))?.trim()
  const tagged = await commitOf(`refs/tags/${ref}`)
  if (tagged) return { commit: tagged, tag: ref }
  const isTag =
    (await git.ask('rev-parse', '--verify', '--quiet', '--end-of-options', `refs/tags/${ref}`)) !== undefined
  if (isTag) throw unknown(`The tag ${ref} points at no commit.`)
  const commit = COMMIT.test(ref) ? await commitOf(ref) : undefined
  if (commit) return { commit, tag: null }
  const meant = await commitOf(ref)
  if (meant) {
    throw unknown(`${ref} is neither a tag nor a commit's hash: what it means may change.`, [
      `Name the commit that it means now: ${meant.slice(0, 8)}`,
    ])
  }
  throw unknown(`There is no tag or commit ${ref} here.`)
}

function unknown(message: string, suggestions = ['See the tags there are: catalyst deploy list-tags']): CatalystError {
  return new CatalystError(message, { code: 'VERSION_UNKNOWN', exit: EXIT.failed, suggestions })
}

/** A tag of the repository, with the commit it leads to. */
export interface Tag {
  readonly name: string
  readonly commit: string
  /** The time at which the tag was made, or its commit for a lightweight tag; ms since 1970. */
  readonly at: number
  readonly subject: string
}

const FIELDS = [
  'refname:strip=2',
  'objectname',
  'objecttype',
  '*objectname',
  '*objecttype',
  'creatordate:unix',
  'contents:subject',
]
const FORMAT = FIELDS.map((field) => `%(${field})`).join('%00')

/** Returns the newest tags that lead to a commit, newest first. */
export async function listTags(git: Git, limit: number): Promise<Tag[]> {
  const text = await git.run(
    'for-each-ref',
    '--sort=-refname', // of those of one second; by versions it would take a second for 10,000
    '--sort=-creatordate',
    `--count=${limit}`,
    `--format=${FORMAT}`,
    'refs/tags',
  )
  return text.split('\n').flatMap((line) => {
    const [name = '', object = '', type, target = '', targetType, at, subject = ''] = line.split('\0')
    const commit = type === 'commit' ? object : targetType === 'commit' ? target : undefined
    return commit === undefined ? [] : [{ name, commit, at: Number(at) * 1000, subject }]
  })
}
