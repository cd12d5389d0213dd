import { expect } from 'chai'
import { judgeHeartbeat, judgeWebhook } from '#core/doctor/checks/channels.js'
import { judgeClock } from '#core/doctor/checks/clock.js'
import { judgeContainer } from '#core/doctor/checks/container.js'
import { judgeDisk } from '#core/doctor/checks/disk.js'
import { type BotFacts, type EndpointFacts, judgeBot, judgeEndpoint, judgePort } from '#core/doctor/checks/endpoint.js'
import { judgeGit } from '#core/doctor/checks/git.js'
import { judgeRegistry } from '#core/doctor/checks/registry.js'
import { judgeDeployment, judgeReleases } from '#core/doctor/checks/releases.js'
import { wantedForEnv } from '#core/doctor/checks/rights.js'
import { judgeNode, judgeServices, type ServiceFacts } from '#core/doctor/checks/service.js'
import { judgeSleep } from '#core/doctor/checks/sleep.js'
import { judgeWatchdog } from '#core/doctor/checks/watchdog.js'
import { judgeAcl, judgeAdministrator, judgeNssm } from '#core/doctor/checks/windows.js'
import type { Judged } from '#core/doctor/finding.js'

/** A finding in one line. */
const said = ({ state, text, command }: Judged) => `${state} ${text} -> ${command}`
const MB = 1024 * 1024

const NO_BOT: BotFacts = { bot: undefined, stopped: undefined, service: undefined, isWatched: false }
const BOT = { pid: 7, endpoint: { host: '127.0.0.1', port: 80 } }
const ENDPOINT: EndpointFacts = {
  isOn: true,
  bot: BOT,
  health: { status: 'healthy', reasons: [] },
  stranger: undefined,
}
const SERVICE: ServiceFacts = {
  name: 'B',
  role: 'bot',
  manager: 'systemd',
  scope: 'system',
  isThere: true,
  foreign: undefined,
  automatic: true,
  warnings: [],
}
const service = (changes: Partial<ServiceFacts>) =>
  judgeServices({ hasManager: true, services: [{ ...SERVICE, ...changes }] })
const NODE = { role: 'bot', node: '/n', gone: [], before: 'v22.1.0', now: 'v22.1.0' } as const
const node = (changes: Partial<Parameters<typeof judgeNode>[0]['services'][number]>) =>
  judgeNode({ ours: 'v22.5.0', services: [{ ...NODE, ...changes }] })
const CONTAINER = { layered: [], first: 'catatonit', limitBytes: 512 * MB, BOT_MAX_RSS_MB: 400 }
const WATCHDOG = {
  shared: false,
  running: true,
  enabled: true,
  pid: 9,
  late: false,
  restarts_left: 3,
  last_check: null,
  attention: undefined,
  roles: [],
}
const RELEASES = {
  active: 'v1',
  damagedPointer: undefined,
  hasFolder: true,
  isWhole: true,
  running: 'v1',
  unfinished: [],
  isDeploying: false,
  count: 2,
}
const disk = (freeBytes: number, files?: { free: number; total: number }) =>
  judgeDisk([{ path: '/h', space: { freeBytes }, files }])
const CLOCK = { server: 'ntp', maxSeconds: 0.5, platform: 'win32' } as const

/** What is the case, what a check judges of it, and how that begins. */
const TABLE: readonly (readonly [string, readonly Judged[], string])[] = [
  ['nobody starts the bot', judgeBot(NO_BOT), 'fault no bot runs -> catalyst bot start'],
  [
    'its service is gone',
    judgeBot({ ...NO_BOT, service: { name: 'B', state: 'not installed' } }),
    'fault no bot runs -> catalyst service install',
  ],
  [
    'its service starts it again and again',
    judgeBot({ ...NO_BOT, service: { name: 'B', state: 'restarting' } }),
    'fault no bot runs, though its service is restarting -> catalyst logs --level error --since 1h',
  ],
  ['the endpoint is off', judgeEndpoint({ ...ENDPOINT, isOn: false }), 'warning it is switched off'],
  ['there is no bot to ask', judgeEndpoint({ ...ENDPOINT, bot: undefined }), 'ok not asked'],
  [
    'the bot starts',
    judgeEndpoint({ ...ENDPOINT, health: { status: 'starting', reasons: [] } }),
    'warning the bot is starting -> catalyst health check --wait 60',
  ],
  [
    'the bot refuses the token',
    judgeEndpoint({ ...ENDPOINT, health: { status: 'unknown', reasons: ['another token'] } }),
    "warning the health can't be told: another token -> catalyst health check",
  ],
  ['the bot has its port', judgePort({ port: 80, isOurs: true, holder: undefined }), "ok 80 is the bot's"],
  ['the port is free', judgePort({ port: 80, isOurs: false, holder: undefined }), 'ok 80 is free'],
  [
    'there is no service manager',
    judgeServices({ hasManager: false, services: [] }),
    'ok this machine has no service manager',
  ],
  ['the service is whole', service({}), 'ok B is installed (systemd, system), and starts with the machine'],
  ['the name is taken', service({ foreign: 'is of x' }), 'fault the name B is taken: that service is of x -> '],
  [
    'the service has a fault that installing does not repair',
    service({ warnings: ['its key is damaged. Remove it by hand'] }),
    'warning B: its key is damaged. Remove it by hand -> null',
  ],
  [
    'the service of the watchdog does not start at boot',
    service({ role: 'watchdog', automatic: false }),
    'warning B does not start with the machine -> catalyst service install watchdog',
  ],
  ['the node of the service is the same', node({}), 'ok v22.5.0, as the service has it'],
  [
    'the node of the service is another one',
    node({ before: 'v20.1.0', now: 'v20.1.0' }),
    'warning the service of the bot runs node v20.1.0 (/n), and this terminal v22.5.0 -> catalyst service install',
  ],
  [
    'the node of the service was replaced',
    node({ before: 'v20.1.0' }),
    'warning the service of the bot: its node (/n) was v20.1.0 when it was installed and is v22.1.0 now -> catalyst',
  ],
  ['the node of the service can not be run', node({ now: undefined }), 'fault the service of the bot: its node (/n)'],
  [
    'an incident needs attention',
    judgeWatchdog({ ...WATCHDOG, attention: 'i' }),
    'warning the incident i needs attention -> catalyst incident show i',
  ],
  [
    'a service has no watchdog beside it',
    judgeWatchdog({ ...WATCHDOG, running: false, roles: ['bot'] }),
    'fault it is switched on, and does not run -> catalyst service install watchdog',
  ],
  [
    'nobody runs the watchdog',
    judgeWatchdog({ ...WATCHDOG, running: false }),
    'fault it is switched on, and does not run -> catalyst watchdog run',
  ],
  ['a webhook takes only POST', [judgeWebhook({ status: 405, body: '' })], 'ok the webhook'],
  ['a webhook is busy', [judgeWebhook({ status: 429, body: '' })], 'warning the webhook'],
  ['no monitor is set up', judgeHeartbeat({ isSet: false, why: undefined }), 'ok no outside monitor'],
  ['a deployment goes on', judgeReleases({ ...RELEASES, running: 'v0', isDeploying: true }), 'ok v1 is active, 2 kept'],
  ['no version was deployed', judgeReleases({ ...RELEASES, active: undefined, running: null }), 'ok none is active'],
  [
    'a deployment can not be ours',
    judgeDeployment({ deployment: undefined, forged: { why: 'x', path: '/h/d' } }),
    'fault x -> rm ',
  ],
  [
    'git has no commit',
    judgeGit({ isUsed: true, missing: undefined, hasCommit: false, begun: undefined }),
    'fault HEAD of the working tree is no commit -> git status',
  ],
  [
    'a system has no registry',
    judgeRegistry({ path: undefined, isRegistered: false, isInContainer: false }),
    'ok this system',
  ],
  [
    'a container can not keep a registry',
    judgeRegistry({ path: '/h.json', isRegistered: false, isInContainer: true }),
    'ok a container has one home',
  ],
  [
    'a container has its volumes',
    judgeContainer(CONTAINER),
    "ok keeps the home's data and state; 512 MB of memory at most",
  ],
  [
    'a container has no limit of memory',
    judgeContainer({ ...CONTAINER, limitBytes: undefined }),
    "ok keeps the home's data and state -> null",
  ],
  [
    'a container has no volume',
    judgeContainer({ ...CONTAINER, layered: ['/bot/data'] }),
    'warning /bot/data is in the container itself, and lost with it: mount a volume there',
  ],
  ['a container has no init', judgeContainer({ ...CONTAINER, first: 'node' }), 'warning its process 1 is node'],
  [
    'the kernel would kill the bot of a container first',
    judgeContainer({ ...CONTAINER, BOT_MAX_RSS_MB: 512 }),
    'warning at 512 MB the kernel kills the bot, before BOT_MAX_RSS_MB (512) restarts it: set it lower',
  ],
  ['the disk has room', disk(5000 * MB, { free: 10, total: 100 }), 'ok 5.2 GB are free'],
  ['the disk is nearly full', disk(400 * MB), 'warning only 420 MB are free on the disk that holds /h -> catalyst'],
  ['the disk is full', disk(MB), 'fault only 2 MB are free on the disk that holds /h -> catalyst deploy prune'],
  [
    'the disk takes few files more',
    disk(5000 * MB, { free: 1000, total: 100_000 }),
    'warning only 1000 of 100000 files (inodes) are left on the disk that holds /h -> catalyst deploy prune',
  ],
  ['the disk takes no files more', disk(5000 * MB, { free: 3, total: 100_000 }), 'fault only 3 of 100000 files'],
  ['no time server is set', judgeClock({ ...CLOCK, server: undefined, measured: undefined }), 'ok not measured'],
  [
    'the clock of Windows is off',
    judgeClock({ ...CLOCK, measured: { offsetMs: 9000, delayMs: 1 } }),
    "fault this machine's clock is 9 s ahead of ntp, and exchanges refuse requests from wrong clocks -> w32tm /resync",
  ],
  [
    'Linux has slept',
    judgeSleep({ platform: 'linux', times: 2 }),
    'warning this machine has slept since it was booted',
  ],
  ['Linux has not slept', judgeSleep({ platform: 'linux', times: 0 }), 'ok this machine stays awake'],
  [
    'Windows sleeps',
    judgeSleep({ platform: 'win32', sleepsAfterMs: 1_800_000 }),
    'warning this machine goes to sleep after 30 min without a user -> powercfg /change standby-timeout-ac 0',
  ],
  [
    'macOS sleeps',
    judgeSleep({ platform: 'darwin', sleepsAfterMs: 60_000 }),
    'warning this machine goes to sleep after 1 min without a user -> sudo pmset -a sleep 0',
  ],
  ['macOS stays awake', judgeSleep({ platform: 'darwin', sleepsAfterMs: 0 }), 'ok this machine stays awake'],
  ['a machine does not tell', judgeSleep({ platform: 'freebsd' }), 'ok this machine does not tell'],
  ['Windows lets no other read', judgeAcl({ open: [] }), 'ok .env'],
  [
    'Windows lets everybody read',
    judgeAcl({ open: ['C:\\b\\.env'] }),
    'fault every user of this machine can read C:\\b\\.env -> catalyst doctor --fix',
  ],
  ['NSSM is new enough', judgeNssm({ why: undefined }), 'ok it is there'],
  ['NSSM is too old', judgeNssm({ why: 'x is NSSM 2.24' }), 'fault x is NSSM 2.24 -> choco upgrade nssm -y'],
  ['an administrator asks', judgeAdministrator({ elevated: true, isInstalled: false }), 'ok'],
  ['a user asks, with a service', judgeAdministrator({ elevated: false, isInstalled: true }), 'ok'],
  ['a user asks, without a service', judgeAdministrator({ elevated: false, isInstalled: false }), 'warning no service'],
]

describe('the doctor', () => {
  for (const [what, findings, expected] of TABLE)
    it(`judges where ${what}: ${expected}`, () => {
      expect(findings).to.have.length(1)
      expect(said(findings[0] as Judged).startsWith(expected), said(findings[0] as Judged)).to.equal(true)
    })

  it('leaves a group in that is not the own one of the owner of the settings', () => {
    expect(wantedForEnv({ mode: 0o644, gid: 100 }, 100)).to.equal(0o600)
    expect(wantedForEnv({ mode: 0o644, gid: 200 }, 100)).to.equal(0o640)
    expect(wantedForEnv({ mode: 0o400, gid: 100 }, 100)).to.equal(0o400)
  })
})
