import { join } from 'node:path'
import { CatalystError, EXIT } from '#core/errors.js'
import { isInContainer } from '#core/platform/container.js'
import { exists, readText } from '#core/platform/fs/files.js'
import { failureText, QUERY_TIMEOUT_MS, type RunResult, run } from '#core/platform/process/processes.js'
import type { User } from '#core/platform/process/users.js'
import type { Action, RunAction } from '#core/service/action.js'
import type { FoundService, Scope, ServiceManager, ServiceObservation, ServiceSpec } from '#core/service/manager.js'
import { bySudo, permissionDenied } from '#core/service/rights.js'
import { observationOf, type Properties, READ } from './systemd-show.js'
import { homeOfUnit, systemdUnit, unitFault, unitName } from './systemd-unit.js'

const MANAGER_UP_MS = 10_000

export interface SystemdOptions {
  readonly scope: Scope
  readonly home: string
  /** The user who runs this command. */
  readonly user: User
  /** The folder of the machine's units; tests have their own. */
  readonly systemFolder?: string
}

/** Opens systemd, the machine's or the user's own. */
export function systemd(options: SystemdOptions): ServiceManager {
  const { scope, user, home } = options
  const folder =
    scope === 'system' ? (options.systemFolder ?? '/etc/systemd/system') : join(user.folder, '.config/systemd/user')
  const fileOf = (name: string) => join(folder, unitName(name))
  // a user's manager is found through this, also without a login that set it
  const env = scope === 'user' ? { XDG_RUNTIME_DIR: `/run/user/${user.uid}` } : {}
  const words = ['--no-ask-password', ...(scope === 'user' ? ['--user'] : [])]
  const otherwise = scope === 'system' && user.uid !== 0 ? { otherwise: bySudo(home) } : {}
  const systemctl = (...args: string[]): RunAction => ({
    do: 'run',
    argv: ['systemctl', ...words, ...args],
    env,
    ...otherwise,
  })
  const ask = (...args: string[]) =>
    run('systemctl', [...words, ...args], {
      timeoutMs: QUERY_TIMEOUT_MS,
      env: { ...process.env, ...env, TZ: 'UTC' },
    })

  /** Returns whether the manager runs: a user's only does while the user is logged in, or lingers. */
  const isUp = () => scope === 'system' || exists(`/run/user/${user.uid}/systemd/private`)

  return {
    kind: 'systemd',
    scope,

    async check(spec) {
      if (!isBooted()) throw systemdMissing()
      if (scope === 'system' && user.uid !== 0)
        throw permissionDenied('Only root can install a service of the machine.', bySudo(home))
      checkPaths(spec, scope)
    },

    async find(name) {
      const text = readText(fileOf(name))
      if (text !== undefined) return { home: homeOfUnit(text), definition: text, place: fileOf(name) }
      if (!isUp()) return undefined
      return elsewhere(await show(ask, name, ['LoadState', 'FragmentPath']), fileOf(name))
    },

    definition: (spec) => systemdUnit(spec, scope),

    install(spec) {
      const linger: Action[] =
        scope === 'system' || lingers(user) // without polkit only root is permitted to switch it on
          ? []
          : [
              {
                do: 'run',
                argv: ['loginctl', '--no-ask-password', 'enable-linger', user.name],
                otherwise: [`Run: sudo loginctl enable-linger ${user.name}`],
              },
            ]
      const unit: Action = { do: 'write', path: fileOf(spec.name), text: systemdUnit(spec, scope), mode: 0o644 }
      // lingering brings the user's manager up, a moment later
      const retry = scope === 'user' ? { retryMs: MANAGER_UP_MS } : {}
      return [...linger, unit, { ...systemctl('daemon-reload'), ...retry }, systemctl('enable', unitName(spec.name))]
    },

    uninstall: (name) => [
      { ...systemctl('disable', unitName(name)), unreliable: true }, // it fails if the file is gone already
      { do: 'remove', path: fileOf(name) },
      systemctl('daemon-reload'),
      { ...systemctl('reset-failed', unitName(name)), unreliable: true }, // it fails if nothing had failed
    ],

    remains() {
      if (scope === 'system' || !lingers(user)) return undefined
      return `${user.name}'s services still start with the machine. If nothing else needs that: loginctl disable-linger ${user.name}`
    },

    // a start only waits for the pause before an automatic restart to be over (service.c, service_start)
    start: (name, { waits } = { waits: false }) => [
      systemctl(waits ? 'restart' : 'start', '--no-block', unitName(name)),
    ],
    stop: (name) => [systemctl('stop', '--no-block', unitName(name))],
    restart: (name) => [systemctl('restart', '--no-block', unitName(name))],

    async read(name) {
      if (!isUp()) return exists(fileOf(name)) ? DOWN : undefined
      const observed = observationOf(await show(ask, name, READ))
      if (observed === undefined || scope === 'system' || lingers(user)) return observed
      return { ...observed, automatic: false }
    },
  }
}

const DOWN: ServiceObservation = {
  state: 'stopped',
  pid: null,
  since: null,
  restarts: null,
  automatic: false,
  words: "the user's service manager does not run",
}

/** Returns whether a user's services start with the machine and outlive a logout (loginctl(1)). */
export function lingers({ name }: User): boolean {
  return exists(`/var/lib/systemd/linger/${name}`)
}

/**
 * Reads properties of a unit.
 * @throws CatalystError SERVICE_MANAGER_MISSING, SERVICE_COMMAND_FAILED if systemd gives no answer
 */
async function show(
  ask: (...args: string[]) => Promise<RunResult>,
  name: string,
  properties: readonly string[],
): Promise<Properties> {
  const answer = await ask('show', unitName(name), `--property=${properties.join(',')}`)
  const unit = Object.fromEntries([...answer.stdout.matchAll(/^(\w+)=(.*)$/gm)].map(([, key, value]) => [key, value]))
  if (answer.exit === 0 && unit.LoadState !== undefined) return unit
  if (answer.failure === 'ENOENT' || !isBooted()) throw systemdMissing()
  throw new CatalystError(`systemd doesn't report the state of ${unitName(name)}: ${failureText(answer)}`, {
    code: 'SERVICE_COMMAND_FAILED',
    exit: EXIT.failed,
    suggestions: [`Ask it yourself: systemctl status ${unitName(name)}`],
  })
}

/** Returns whether systemd runs this machine. */
export function isBooted(): boolean {
  return exists('/run/systemd/system') // sd_booted(3)
}

/** Returns a unit of that name that lies somewhere else: it is another's, and so is a masked one. */
function elsewhere({ LoadState, FragmentPath = '' }: Properties, ours: string): FoundService | undefined {
  if (LoadState === undefined || LoadState === 'not-found' || FragmentPath === ours) return undefined
  return { home: undefined, definition: '', place: FragmentPath || `a unit that is ${LoadState}` }
}

/** Makes the error for a machine without systemd. */
export function systemdMissing(): CatalystError {
  if (isInContainer()) {
    return new CatalystError('A container has no service manager: whoever starts the container starts the bot again.', {
      code: 'SERVICE_MANAGER_MISSING',
      exit: EXIT.failed,
      suggestions: [
        'Let the container run the watchdog, which has the bot as its child: catalyst watchdog run',
        'And let the container be restarted: docker run --restart unless-stopped …',
      ],
    })
  }
  return new CatalystError('systemd does not run here, as in WSL without it.', {
    code: 'SERVICE_MANAGER_MISSING',
    exit: EXIT.failed,
    suggestions: [
      'Let something else start it, and keep it running: catalyst watchdog run',
      'In WSL, add the two lines [boot] and systemd=true to /etc/wsl.conf, then run in Windows: wsl --shutdown',
    ],
  })
}

function checkPaths(spec: ServiceSpec, scope: Scope): void {
  const fault = unitFault([spec.home, spec.program, spec.args[0] ?? ''], scope)
  if (fault === undefined) return
  throw new CatalystError(`This can't be a service: ${fault}.`, {
    code: 'SERVICE_HOME_UNFIT',
    exit: EXIT.failed,
    suggestions: ['Move it to another folder, such as /srv/bot or one below your own.'],
  })
}
