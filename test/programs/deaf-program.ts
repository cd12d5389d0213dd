import fs from 'node:fs'
import { expect } from 'chai'
import type { HealthReport } from '#core/health/report.js'
import { endToEnd } from '../support/e2e/end-to-end.js'
import { Home } from '../support/e2e/home.js'
import type { Environment, Run } from '../support/e2e/process.js'
import { until } from '../support/e2e/until.js'
import { type OwnNetwork, ownNetwork } from './own-network.js'
import type { FaultyServer } from './servers/faulty-server.js'

/** The freeze threshold, and with it the time of learning: twelve of it. */
const THRESHOLD_S = 3
const LEARN_MS = 12 * THRESHOLD_S * 1000
/**
 * The time in which a sign must be seen: the threshold, two of the longest gaps, which a busy machine makes longer while
 * they are learned, and an interval.
 */
const SEEN_MS = 90_000

/** A program that knows nothing of Catalyst, and the server that it is connected to. */
export interface Program {
  readonly name: string
  readonly serve: (host: string) => Promise<FaultyServer>
  /** Returns the settings with which it connects to that address. It may write files of its own into the folder. */
  readonly settings: (address: string, folder: string) => Environment
  /** The settings that the docs recommend for it, besides. */
  readonly proof: Environment
}

const FAULTS = {
  'its server is gone': ({ server }: World) => server.end(),
  'its server falls silent': ({ server }: World) => server.fallSilent(),
  'the cable is pulled': ({ network }: World) => network.pullCable(),
  'its main thread is blocked while a side thread lives': ({ pids }: World) => signalAll(pids, 'SIGUSR2'),
  'it is stopped': ({ pids }: World) => signalAll(pids, 'SIGSTOP'),
}

export type Fault = keyof typeof FAULTS

interface World {
  readonly server: FaultyServer
  readonly network: OwnNetwork
  readonly pids: readonly number[]
}

function isLearned(rhythm: string): boolean {
  const { peers } = JSON.parse(rhythm) as { peers: Record<string, { observedMs: number }> }
  return Object.values(peers).some(({ observedMs }) => observedMs >= LEARN_MS)
}

function signalAll(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids) process.kill(pid, signal)
}

/** Declares the tests of one program: each fault is seen, with the recommended proof and with none. */
export function deafProgram(program: Program, faults: readonly Fault[] = Object.keys(FAULTS) as Fault[]): void {
  describe(program.name, () => {
    const { home: newHome, run, closeLater } = endToEnd()
    let network: OwnNetwork
    let address: string
    /** What was learned of it, once for all faults. */
    let rhythm: string | undefined

    before(() => {
      network = ownNetwork()
    })
    after(() => network.remove())

    const inside: Run = (command, args, options) =>
      run('ip', ['netns', 'exec', network.name, command, ...args], options)

    async function serve(): Promise<FaultyServer> {
      const server = await program.serve(network.host)
      closeLater(server.end)
      return server
    }

    function homeFor(server: FaultyServer, settings: Environment): Home {
      const home = new Home(newHome().folder, inside)
      home.writeSettings({
        HEALTH_CHECK_PORT: '0',
        WATCHDOG_FREEZE_THRESHOLD: String(THRESHOLD_S),
        BOT_CYCLE_SECONDS: '1',
        BOT_STOP_TIMEOUT: '2',
        ...program.settings(server.address, home.folder),
        ...settings,
      })
      return home
    }

    const healthOf = async (home: Home): Promise<HealthReport> =>
      JSON.parse((await home.catalyst(['health', 'check', '--json'])).stdout)

    /** Returns the rhythm, with the address of the peer as it is this time: it listens on any free port. */
    async function learned(): Promise<string> {
      if (rhythm === undefined) {
        const server = await serve()
        const home = homeFor(server, {})
        let text = await learn(home, LEARN_MS + 2 * THRESHOLD_S * 1000)
        // a program that starts slowly, or hears something seldom, has not been observed for long enough yet
        while (!isLearned(text)) text = await learn(home, LEARN_MS / 2)
        rhythm = text
        address = peerOf(server)
        await server.end()
      }
      return rhythm
    }

    /** Lets a bot learn for that long, and returns what it knows then, of earlier runs, too. */
    async function learn(home: Home, ms: number): Promise<string> {
      const bot = home.start()
      await until(() => home.programPid())
      await new Promise((resolve) => setTimeout(resolve, ms))
      expect(await healthOf(home)).to.include({ status: 'healthy' })
      bot.kill('SIGTERM')
      await bot.result()
      return fs.readFileSync(home.path('.catalyst', 'state', 'rhythm.json'), 'utf8')
    }

    const peerOf = (server: FaultyServer) => server.address.replace(/^.*\/\//, '')

    for (const fault of faults)
      it(`is seen when ${fault}`, async function () {
        this.timeout(2 * LEARN_MS + 2 * SEEN_MS)
        const text = await learned()
        network.plugIn()
        const server = await serve()
        const homes = [homeFor(server, {}), homeFor(server, program.proof)] as const
        for (const home of homes) {
          home.write('.catalyst/state/rhythm.json', text.replaceAll(address, peerOf(server)))
          home.start()
        }
        const pids = await Promise.all(homes.map((home) => home.programPid()))
        await until(async () => (await Promise.all(homes.map(healthOf))).every(({ status }) => status === 'healthy'))
        await new Promise((resolve) => setTimeout(resolve, THRESHOLD_S * 1000)) // it is connected, and hears
        await FAULTS[fault]({ server, network, pids })
        const [without, withProof] = homes
        await until(async () => {
          const { status, reasons } = await healthOf(without)
          return ['degraded', 'unhealthy'].includes(status) && reasons.join() !== ''
        }, SEEN_MS)
        await until(async () => (await healthOf(withProof)).status === 'unhealthy', SEEN_MS)
        network.plugIn()
      })
  })
}
