import { checkOf } from '#core/doctor/check.js'
import type { Context } from '#core/doctor/context.js'
import { fault, type Judged, ok, splitCommand, warning } from '#core/doctor/finding.js'
import type { Role, Scope } from '#core/service/manager.js'
import { installLine, isOwn, type Services, whoseIs } from '#core/service/services.js'
import { entryWarnings, nodeWarnings, readServiceNode, type ServiceNode } from '#core/service/status/warnings.js'

/** The facts about an installed service. */
export interface ServiceFacts {
  readonly name: string
  readonly role: Role
  readonly manager: string
  readonly scope: Scope
  /** False where its entry is gone. */
  readonly isThere: boolean
  /** Whose its name is by now, if not ours. */
  readonly foreign: string | undefined
  /** True if it starts with the machine. */
  readonly automatic: boolean
  /** What is wrong with its entry. */
  readonly warnings: readonly string[]
}

/** Judges whether the services are installed, enabled and coming up at boot. */
export function judgeServices({
  hasManager,
  services,
}: {
  readonly hasManager: boolean
  readonly services: readonly ServiceFacts[]
}): Judged[] {
  if (services.length > 0) return services.flatMap(judgeService)
  if (!hasManager) return [ok('this machine has no service manager, so there is none to install')]
  return [warning('none is installed: after a reboot nobody starts the bot', installLine('bot'))]
}

/** The end of a message about an entry. */
const INSTALL = /^catalyst service install/

function judgeService(service: ServiceFacts): Judged[] {
  const { name, role, manager, scope, isThere, foreign, automatic, warnings } = service
  const install = installLine(role)
  if (foreign !== undefined) return [fault(`the name ${name} is taken: that service ${foreign}`, install)]
  if (!isThere) return [fault(`${name} was installed, and its entry is gone`, install)]
  const found = warnings.map((one) => {
    const { text, command } = splitCommand(`${name}: ${one}`, INSTALL, null)
    return warning(text, command === null ? null : install)
  })
  if (!automatic) {
    const why = scope === 'user' ? ': it is not enabled, or its user does not linger' : ''
    found.unshift(warning(`${name} does not start with the machine${why}`, install))
  }
  return found.length > 0 ? found : [ok(`${name} is installed (${manager}, ${scope}), and starts with the machine`)]
}

export const serviceCheck = checkOf({
  id: 'service',
  async read(context) {
    const { hasServiceManager: hasManager } = context
    return { hasManager, services: await ofEach(context, readService) }
  },
  judge: judgeServices,
})

async function readService(services: Services, role: Role): Promise<ServiceFacts> {
  const { manager } = services
  const installed = services.installed()[role]
  const name = installed?.name ?? ''
  const [found, observed] = await Promise.all([manager.find(name), manager.read(name)])
  const isForeign = found !== undefined && !isOwn(services, found)
  return {
    ...{ name, role, manager: manager.kind, scope: manager.scope },
    isThere: found !== undefined,
    foreign: isForeign ? whoseIs(found) : undefined,
    automatic: observed?.automatic ?? false,
    warnings: found === undefined || isForeign ? [] : entryWarnings(services, role, { found, installed }),
  }
}

/** Does it for each installed service. */
async function ofEach<T>({ roles, services }: Context, read: (services: Services, role: Role) => Promise<T>) {
  const installed = roles()
  if (installed.length === 0) return []
  const opened = await services()
  return Promise.all(installed.map((role) => read(opened, role)))
}

/** The facts about the nodes. */
export interface NodeFacts {
  /** The version of the node that runs this command. */
  readonly ours: string
  readonly services: readonly (ServiceNode & { readonly role: Role })[]
}

/** Judges whether each service has its node, and the same as this terminal, with which deployments install. */
export function judgeNode({ ours, services }: NodeFacts): Judged[] {
  const found = services.flatMap((service) => {
    const { role, node, gone, now } = service
    const [broken] = nodeWarnings(service)
    const install = installLine(role)
    if (broken !== undefined) {
      const { text } = splitCommand(`the service of the ${role}: ${broken}`, INSTALL, install)
      return [gone.length > 0 || now === undefined ? fault(text, install) : warning(text, install)]
    }
    if (now === undefined || majorOf(now) === majorOf(ours)) return []
    return [warning(`the service of the ${role} runs node ${now} (${node}), and this terminal ${ours}`, install)]
  })
  return found.length > 0 ? found : [ok(`${ours}${services.length > 0 ? ', as the service has it' : ''}`)]
}

function majorOf(version: string): string {
  return version.replace(/^v?(\d+).*/, '$1')
}

export const nodeCheck = checkOf({
  id: 'node',
  read: async (context): Promise<NodeFacts> => ({
    ours: process.version,
    services: (
      await ofEach(context, async (services, role) => {
        const installed = services.installed()[role]
        return installed === undefined ? [] : [{ role, ...(await readServiceNode(services, installed)) }]
      })
    ).flat(),
  }),
  judge: judgeNode,
})
