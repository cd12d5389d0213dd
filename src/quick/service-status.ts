import { print, printJson } from '#cli/screen.js'
import { statusText } from '#cli/service/service-text.js'
import { readConfig } from '#core/config/load.js'
import { homePaths } from '#core/home/home-paths.js'
import { realClock } from '#core/platform/clock.js'
import { actingAs, ownerOf } from '#core/platform/process/users.js'
import type { Role } from '#core/service/manager.js'
import { servicesOfHome } from '#core/service/open-services.js'
import { rolesToShow, serviceStatus } from '#core/service/status/status.js'
import { quickFlags, usualHome } from './line.js'
import { named } from './manifest.js'

/** Answers `service status`, of one service or all, as `health check` is answered: see ./health-check.ts. */
export async function quick(words: readonly string[]): Promise<boolean> {
  try {
    const role = isRole(words[2]) ? words[2] : undefined
    const flags = quickFlags(words.slice(role === undefined ? 2 : 3))
    const home = flags && usualHome(flags)
    if (home === undefined) return false
    const paths = homePaths(home)
    const config = actingAs(ownerOf(home), () => readConfig(home, { NSSM_PATH: process.env.NSSM_PATH }))
    const services = await servicesOfHome(realClock, paths, config)
    const all = await Promise.all(rolesToShow(services, role).map((one) => serviceStatus(services, one)))
    const text = all.map((status) => statusText(status)).join('\n\n')
    process.exitCode = all.every(({ state }) => state === 'running') ? 0 : 1
    if (flags?.json) printJson({ services: all })
    else print(flags?.home !== undefined && text.includes('catalyst ') ? named(text, words) : text)
    return true
  } catch {
    return false
  }
}

function isRole(word: string | undefined): word is Role {
  return word === 'bot' || word === 'watchdog'
}
