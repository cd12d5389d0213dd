import type { Findings } from '#core/bot/runners/findings.js'
import { checkOf } from '#core/doctor/check.js'
import { fault, type Judged, ok, splitCommand, warning } from '#core/doctor/finding.js'
import { checkSettings } from '#core/watchdog/check-home.js'

const CHECK = 'catalyst config check'
/** Less than a check may take, so that a module that hangs hides no other finding. */
const LOAD_MS = 4000
/** What a release needs whose runtime has changed. */
const REPAIR = /^catalyst deploy repair$/

/** Judges the settings: the findings of `config check`. */
function judgeSettings({ faults, hints }: Findings): Judged[] {
  if (faults.length + hints.length === 0) return [ok('they are sound, and what they name is there')]
  const judged = (judge: typeof fault) => (message: string) => {
    const { text, command } = splitCommand(message, REPAIR, CHECK)
    return judge(text, command)
  }
  return [...faults.map(judged(fault)), ...hints.map(judged(warning))]
}

export const settingsCheck = checkOf({
  id: 'settings',
  async read({ home, servicePath, bot }) {
    const { clock, paths, config } = home
    const running = await bot()
    // what runs has loaded its module, so that nothing of theirs is run here to know it
    const isLoaded = running !== undefined && running.release === (home.activePointer()?.name ?? null)
    return checkSettings(clock, paths, config, { servicePath, loadMs: isLoaded ? 0 : LOAD_MS })
  },
  judge: judgeSettings,
})
