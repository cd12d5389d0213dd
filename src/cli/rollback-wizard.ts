import { type Candidate, offeredFirst, rollbackCandidates } from '#core/deploy/candidates.js'
import type { DeployHome } from '#core/deploy/deploy-home.js'
import { deployInfo } from '#core/deploy/info.js'
import { versionName } from '#core/deploy/names.js'
import type { Plan } from '#core/deploy/plan.js'
import { type Prepared, type PrepareOptions, prepare } from '#core/deploy/prepare.js'
import { previewOf, settingsChanged } from '#core/deploy/preview.js'
import { resolveVersion, type Version } from '#core/deploy/refs.js'
import { openRepository } from '#core/deploy/repository.js'
import { CatalystError } from '#core/errors.js'
import { harmless } from '#core/logging/plain.js'
import { changedKeysLine } from './backup-text.js'
import { candidateLines, infoText, previewText } from './deploy-text.js'
import { chooseFrom, typeWord } from './prompts.js'

const BY_HASH = 'another commit, by its hash'

/**
 * Leads a person back to a version that has worked: where they are, which one, with
 * which settings, and what will change. Nothing is changed, and Esc or Ctrl-C ends it. `settings` are asked for unless
 * they are given.
 * @throws CatalystError NOT_CONFIRMED
 */
export async function rollbackWizard(
  home: DeployHome,
  settings: PrepareOptions['settings'] | undefined,
  say: (text: string) => void,
): Promise<Plan> {
  say(infoText(await deployInfo(home.paths, home.owner)))
  say('')
  const version = await whichVersion(home)
  const { plan, warnings } = await withWhichSettings(home, version, settings)
  say(previewText(await previewOf(home, plan), plan))
  for (const warning of warnings) say(`Warning: ${warning}.`)
  return plan
}

async function whichVersion(home: DeployHome): Promise<Version> {
  const candidates = await rollbackCandidates(home)
  const lines = candidateLines(candidates, home.clock.now())
  const choices = candidates.map((candidate, index) => ({
    name: lines[index] as string,
    value: candidate.commit,
    short: versionName(candidate),
    description: harmless(candidate.verdict === 'bad' ? `bad: ${candidate.reason}` : candidate.subject),
  }))
  const chosen = await chooseFrom('Back to which version?', {
    choices: [...choices, { name: BY_HASH, value: BY_HASH }],
    first: offeredFirst(candidates)?.commit,
  })
  const found = candidates.find(({ commit }: Candidate) => commit === chosen)
  return found ?? (await byHash(home))
}

async function byHash(home: DeployHome): Promise<Version> {
  const { git } = await openRepository(home.paths, home.owner)
  let found: Version | undefined
  await typeWord('Its hash, or a tag:', async (word) => {
    try {
      found = await resolveVersion(git, word.trim())
      return true
    } catch (error) {
      if (error instanceof CatalystError) return error.message
      throw error
    }
  })
  return found as Version
}

/** Asked only where it makes a difference. */
async function withWhichSettings(
  home: DeployHome,
  version: Version,
  asked: PrepareOptions['settings'] | undefined,
): Promise<Prepared> {
  const withSettings = (settings: PrepareOptions['settings']) =>
    prepare(home, version, { what: 'rollback', force: true, settings })
  if (asked !== undefined) return withSettings(asked)
  const plans = await Promise.all((['of then', 'of then with secrets', 'of now'] as const).map(withSettings))
  const [ofThen, withSecrets, ofNow] = plans as [Prepared, Prepared, Prepared]
  const text = ({ plan }: Prepared) => changedKeysLine(home.asOwner(() => settingsChanged(home, plan)))
  if (text(ofThen) === text(ofNow) && text(withSecrets) === text(ofNow)) return ofNow
  const chosen = await chooseFrom('Which settings?', {
    choices: [
      { name: "Those of then, with today's secrets", value: '0', description: text(ofThen) },
      { name: 'Those of then, with the secrets of then', value: '1', description: text(withSecrets) },
      { name: 'Those of now', value: '2', description: 'nothing changes' },
    ],
    first: '0',
  })
  return plans[Number(chosen)] as Prepared
}
