import { chooseFrom, typeWord } from '#cli/prompts.js'
import type { DeployHome } from '#core/deploy/deploy-home.js'
import { resolveVersion, type Version } from '#core/deploy/git/refs.js'
import { openRepository } from '#core/deploy/git/repository.js'
import { deployInfo } from '#core/deploy/info.js'
import { versionName } from '#core/deploy/names.js'
import type { Plan } from '#core/deploy/plan.js'
import { type Prepared, type PrepareOptions, prepare } from '#core/deploy/prepare.js'
import { previewOf, settingsChanged } from '#core/deploy/preview.js'
import { type Candidate, firstChoice, rollbackCandidates } from '#core/deploy/releases/candidates.js'
import { leftText } from '#core/deploy/releases/ratings.js'
import { scriptsNote } from '#core/deploy/run/install-scripts.js'
import { lostByRestore, snapshotsOf } from '#core/deploy/snapshots/data-of-then.js'
import { CatalystError } from '#core/errors.js'
import { harmless } from '#core/logging/read/plain.js'
import { localTime } from '#core/text.js'
import { changedKeysLine } from './backup-text.js'
import { sinceText } from './data-text.js'
import { candidateLines, infoText, previewText } from './deploy-text.js'

interface WizardOptions {
  readonly settings: PrepareOptions['settings'] | undefined
  readonly now: boolean
  readonly withData: boolean
}

const BY_HASH = 'another commit, by its hash'

/**
 * Leads a person through a rollback: it shows what is active, asks for the version and the settings, and shows what
 * will change. Nothing is changed, and Esc or Ctrl-C ends it. `settings` are asked for unless they
 * are given.
 * @throws CatalystError NOT_CONFIRMED
 */
export async function rollbackWizard(
  home: DeployHome,
  { settings, now, withData }: WizardOptions,
  say: (text: string) => void,
): Promise<Plan> {
  say(infoText(await deployInfo(home)))
  say('')
  const version = await whichVersion(home)
  const bringsData = withData || (await asksForData(home, version, say))
  const { plan, warnings } = await withWhichSettings(home, version, settings, { now, withData: bringsData })
  say(previewText(await previewOf(home, plan), plan, home.clock.now()))
  for (const line of scriptsNote(plan, home.owner.name)) say(harmless(home.redact(line)))
  for (const warning of warnings) say(`Warning: ${warning}.`)
  return plan
}

/** Asks whether the data of then comes back, where there is a snapshot of it. Today's is the default. */
async function asksForData(home: DeployHome, version: Version, say: (text: string) => void): Promise<boolean> {
  const [newest] = snapshotsOf(home, version)
  if (newest === undefined) return false
  for (const line of sinceText(await lostByRestore(home, newest), home.clock.now())) say(line)
  const chosen = await chooseFrom('Which data?', {
    choices: [
      { name: "Today's, as it is", value: 'today', description: 'the version has to work with it' },
      {
        name: "That of then, and today's is kept",
        value: 'then',
        description: 'what came in since is not there any more',
      },
    ],
    first: 'today',
  })
  return chosen === 'then'
}

async function whichVersion(home: DeployHome): Promise<Version> {
  const candidates = await rollbackCandidates(home)
  const lines = candidateLines(candidates, home.clock.now())
  const choices = candidates.map((candidate, index) => ({
    name: lines[index] as string,
    value: candidate.commit,
    short: versionName(candidate),
    description: harmless(describeCandidate(candidate)),
  }))
  const chosen = await chooseFrom('Back to which version?', {
    choices: [...choices, { name: BY_HASH, value: BY_HASH }],
    first: firstChoice(candidates)?.commit,
  })
  const found = candidates.find(({ commit }: Candidate) => commit === chosen)
  return found ?? (await byHash(home))
}

function describeCandidate({ rating, reason, left, subject }: Candidate): string {
  if (rating === 'bad') return `bad: ${reason}`
  return left ? `left at ${localTime(left.at)} ${leftText(left.why)}; ${subject}` : subject
}

async function byHash(home: DeployHome): Promise<Version> {
  const { git } = await openRepository(home)
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

/** Makes the plan, and asks for the settings only where it makes a difference. */
async function withWhichSettings(
  home: DeployHome,
  version: Version,
  asked: PrepareOptions['settings'] | undefined,
  more: Pick<PrepareOptions, 'now' | 'withData'>,
): Promise<Prepared> {
  const withSettings = (settings: PrepareOptions['settings']) =>
    prepare(home, version, { what: 'rollback', force: true, settings, ...more })
  if (asked !== undefined) return withSettings(asked)
  const [snapshot, withItsSecrets, current] = await Promise.all([
    withSettings('snapshot'),
    withSettings('snapshot with its secrets').catch(unlessSealed),
    withSettings('current'),
  ])
  const text = ({ plan }: Prepared) => changedKeysLine(settingsChanged(home, plan))
  if ([snapshot, withItsSecrets ?? current].every((one) => text(one) === text(current))) return current
  const ownSecrets = withItsSecrets && {
    name: "The version's snapshot, with its own secrets",
    value: '1',
    description: text(withItsSecrets),
  }
  const chosen = await chooseFrom('Which settings?', {
    choices: [
      { name: "The version's snapshot, with today's secrets", value: '0', description: text(snapshot) },
      ...(ownSecrets ? [ownSecrets] : []),
      { name: 'The current ones', value: '2', description: 'nothing changes' },
    ],
    first: '0',
  })
  return [snapshot, withItsSecrets, current][Number(chosen)] as Prepared
}

/** Leaves out the choice of secrets that are sealed. */
function unlessSealed(error: unknown): undefined {
  if (!(error instanceof CatalystError && error.code === 'BACKUP_SEALED')) throw error
}
