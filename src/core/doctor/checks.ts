import type { Check } from './check.js'
import { backupsCheck, settingsBackupsCheck } from './checks/backups.js'
import { alertsCheck, heartbeatCheck } from './checks/channels.js'
import { clockCheck } from './checks/clock.js'
import { containerCheck } from './checks/container.js'
import { diskCheck } from './checks/disk.js'
import { botCheck, endpointCheck, portCheck } from './checks/endpoint.js'
import { gitCheck, ownershipCheck } from './checks/git.js'
import { locksCheck } from './checks/locks.js'
import { registryCheck } from './checks/registry.js'
import { deploymentCheck, releasesCheck } from './checks/releases.js'
import { foldersCheck, rightsCheck } from './checks/rights.js'
import { nodeCheck, serviceCheck } from './checks/service.js'
import { settingsCheck } from './checks/settings.js'
import { sleepCheck } from './checks/sleep.js'
import { watchdogCheck } from './checks/watchdog.js'
import { aclCheck, administratorCheck, nssmCheck } from './checks/windows.js'

/** All checks, in the order in which their findings are shown. */
export const CHECKS: readonly Check[] = [
  settingsCheck,
  botCheck,
  endpointCheck,
  portCheck,
  nodeCheck,
  serviceCheck,
  watchdogCheck,
  alertsCheck,
  heartbeatCheck,
  releasesCheck,
  deploymentCheck,
  gitCheck,
  ownershipCheck,
  rightsCheck,
  aclCheck,
  foldersCheck,
  locksCheck,
  backupsCheck,
  settingsBackupsCheck,
  registryCheck,
  diskCheck,
  containerCheck,
  clockCheck,
  sleepCheck,
  nssmCheck,
  administratorCheck,
]
