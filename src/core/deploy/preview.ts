import { readNewest } from '#core/journal/journal.js'
import { readText } from '#core/system/files.js'
import { Backups } from './backups.js'
import { type ChangedKeys, changedKeys } from './changed-keys.js'
import type { DeployHome } from './deploy-home.js'
import { withSecretsOf } from './merge-settings.js'
import type { Plan } from './plan.js'
import { openRepository } from './repository.js'
import { expectedDowntimeMs } from './verdicts.js'

/** What a plan will change. What isn't known is null. */
export interface Preview {
  /** Commits that the version now has and the other one lacks, and the other way round. */
  readonly commits: { readonly away: number; readonly added: number } | null
  /** As `git diff --shortstat` says it. */
  readonly files: string | null
  readonly settings: ChangedKeys
  readonly installs: boolean
  readonly builds: boolean
  readonly downtime_ms: number | null
}

/** Looks at what a plan will change; it changes nothing. */
export async function previewOf(home: DeployHome, plan: Plan): Promise<Preview> {
  const { paths, owner, asOwner } = home
  const repository = await openRepository(paths, owner).catch(() => undefined)
  const from = plan.from?.commit
  const range = from === undefined ? undefined : `${from}...${plan.target.commit}`
  const [counts, files] = await Promise.all([
    range && repository?.git.ask('rev-list', '--left-right', '--count', range, '--'),
    from &&
      repository?.git.ask('diff', '--shortstat', '--no-ext-diff', '--no-textconv', from, plan.target.commit, '--'),
  ])
  const [away, added] = (counts ?? '').trim().split(/\s+/).map(Number)
  return {
    commits: away === undefined || added === undefined ? null : { away, added },
    files: files?.trim() || null,
    settings: asOwner(() => settingsChanged(home, plan)),
    installs: plan.steps.some((step) => step.do === 'install'),
    builds: plan.steps.some((step) => step.do === 'export'),
    downtime_ms: expectedDowntimeMs(asOwner(() => readNewest(paths.journal))) ?? null,
  }
}

/** Which settings change with a plan: names alone. */
export function settingsChanged({ paths }: Pick<DeployHome, 'paths'>, { steps }: Pick<Plan, 'steps'>): ChangedKeys {
  const today = readText(paths.env) ?? ''
  const step = steps.find((one) => one.do === 'settings')
  if (step?.do !== 'settings') return changedKeys(today, today)
  const backups = new Backups(paths.backups)
  const kept = backups.settingsOf(backups.find(step.backup))
  return changedKeys(today, step.secrets === 'of today' ? withSecretsOf(kept, today) : kept)
}
