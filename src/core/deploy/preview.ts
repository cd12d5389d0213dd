import { openRepository } from '#core/deploy/git/repository.js'
import { expectedDowntime } from '#core/deploy/releases/runs.js'
import { type ChangedKeys, changedKeys } from '#core/deploy/settings/changed-keys.js'
import { settingsAfter } from '#core/deploy/settings/settings-after.js'
import { readSettingsText } from '#core/deploy/settings/settings-backup.js'
import type { HomeFiles } from '#core/home/home.js'
import type { DataSince } from '#core/snapshots/since-snapshot.js'
import type { DeployHome } from './deploy-home.js'
import type { Plan } from './plan.js'
import { lostBy } from './snapshots/data-of-then.js'

/** The changes that a plan will make. What isn't known is null. */
export interface Preview {
  /** The number of commits that only the active version has, and of those that only the other one has. */
  readonly commits: { readonly away: number; readonly added: number } | null
  /** The line of `git diff --shortstat`. */
  readonly files: string | null
  readonly settings: ChangedKeys
  /** What has changed since the snapshot of the data that comes back; null: the data stays as it is. */
  readonly data: DataSince | null
  readonly installs: boolean
  readonly builds: boolean
  readonly downtime_seconds: number | null
}

/** Returns what a plan will change, and changes nothing. */
export async function previewOf(home: DeployHome, plan: Plan): Promise<Preview> {
  const repository = await openRepository(home).catch(() => undefined)
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
    settings: settingsChanged(home, plan),
    data: (await lostBy(home, plan)) ?? null,
    installs: plan.steps.some((step) => step.do === 'install'),
    builds: plan.steps.some((step) => step.do === 'export'),
    downtime_seconds: expectedDowntime(home.newestEntries()) ?? null,
  }
}

/** Returns which settings change with a plan: names alone. */
export function settingsChanged(home: HomeFiles, { steps }: Pick<Plan, 'steps'>): ChangedKeys {
  const today = readSettingsText(home) ?? ''
  const step = steps.find((one) => one.do === 'settings')
  if (step?.do !== 'settings') return changedKeys(today, today)
  return changedKeys(today, settingsAfter(home, step, today))
}
