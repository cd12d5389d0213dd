import type { ServiceFigures } from '../inside/service-rounds.js'
import { measureInBox } from '../kernel/box.js'
import { paired } from '../kernel/row.js'
import type { Section } from '../kernel/section.js'

const ROUNDS = 9
/** The silence that is a freeze, for systemd as for us. */
const FREEZE_S = 5

const SETTINGS = {
  SERVICE_RESTART_DELAY: 0.1,
  HEALTH_CHECK_PORT: 8202,
  WATCHDOG_FREEZE_THRESHOLD: FREEZE_S,
}

const UNIT = (service: string) => `[Unit]
StartLimitIntervalSec=0
[Service]
${service}
User=alice
Restart=always
RestartSec=100ms
`

const UNITS = {
  plain: UNIT(`ExecStart=${process.execPath} {shared}/bare-server.mjs 8201`),
  notifying: UNIT(`Type=notify
NotifyAccess=all
WatchdogSec=${FREEZE_S}
WatchdogSignal=SIGKILL
ExecStart=${process.execPath} {shared}/notifying-server.mjs 8203`),
}

/** A service under a real systemd, against hand-written units whose bot is a bare server: the quickest there can be. */
export const service: Section = {
  name: 'service',
  about: 'crash, freeze and status of a service, against hand-written units under a real systemd',
  async run(bench) {
    const options = { settings: SETTINGS, units: UNITS, script: 'service-rounds.ts', rounds: bench.rounds(ROUNDS) }
    const figures = await measureInBox<ServiceFigures>(bench, options)
    if (figures === undefined) return []
    const { crash, plainCrash, freeze, plainFreeze, status, node, show } = figures
    const beyond = status.map((ms, index) => ms - (show[index] as number))
    return [
      paired('SIGKILL of a service to the next answer', 'ms', crash, ['hand-written unit', plainCrash], {
        goal: { of: 'ratio', atMost: 1.3 },
      }),
      paired('SIGSTOP of a service to the next answer', 'ms', freeze, [
        `hand-written unit, WatchdogSec=${FREEZE_S}`,
        plainFreeze,
      ]),
      paired('service status, beyond systemctl show', 'ms', beyond, ['node -e 0', node], {
        goal: { of: 'ratio', atMost: 2.5 },
      }),
    ]
  },
}
