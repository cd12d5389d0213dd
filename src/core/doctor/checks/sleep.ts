import { checkOf } from '#core/doctor/check.js'
import { type Judged, ok, warning } from '#core/doctor/finding.js'
import { readSleep, type Sleep } from '#core/platform/machine-sleep.js'
import { duration } from '#core/text.js'

/** The commands that keep a machine awake. */
const STAY_AWAKE: Partial<Record<NodeJS.Platform, string>> = {
  linux: 'sudo systemctl mask sleep.target suspend.target hibernate.target hybrid-sleep.target',
  darwin: 'sudo pmset -a sleep 0',
  win32: 'powercfg /change standby-timeout-ac 0',
}

/** Judges whether this machine sleeps while its bot should work. */
export function judgeSleep({ platform, ...sleep }: Sleep & { readonly platform: NodeJS.Platform }): Judged[] {
  const command = STAY_AWAKE[platform] ?? null
  if (sleep.sleepsAfterMs !== undefined && sleep.sleepsAfterMs > 0)
    return [warning(`this machine goes to sleep after ${duration(sleep.sleepsAfterMs)} without a user`, command)]
  if (sleep.times !== undefined && sleep.times > 0)
    return [warning(`this machine has slept since it was booted (${sleep.times} times): its bot stands still`, command)]
  const isKnown = sleep.sleepsAfterMs !== undefined || sleep.times !== undefined
  return [ok(isKnown ? 'this machine stays awake' : 'this machine does not tell whether it sleeps')]
}

export const sleepCheck = checkOf({
  id: 'sleep',
  read: async ({ platform }) => ({ ...(await readSleep(platform)), platform }),
  judge: judgeSleep,
})
