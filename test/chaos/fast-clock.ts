import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { until } from '../support/e2e/until.js'

/**
 * A clock that runs faster than this machine's, for all programs that are started with its environment: libfaketime with
 * one base that they share.
 */
export class FastClock {
  readonly speed: number
  /** What a program needs in its environment to live by this clock. */
  readonly environment: Readonly<Record<string, string>>
  readonly #keeper: ChildProcess
  readonly #offsetMs: number

  private constructor(speed: number, keeper: ChildProcess, environment: Record<string, string>) {
    this.speed = speed
    this.environment = environment
    this.#keeper = keeper
    const asked = performance.now()
    const told = Number(execFileSync('date', ['+%s%3N'], { env: { ...process.env, ...environment } }))
    this.#offsetMs = told - asked * speed
  }

  /** Starts it. The shared base lives as long as the program that was started with it. */
  static async start(speed: number): Promise<FastClock> {
    const words = ['-f', `+0 x${speed}`, 'sh', '-c', 'env -0; exec sleep infinity']
    const keeper = spawn('faketime', words, { stdio: ['ignore', 'pipe', 'ignore'], detached: true })
    let told = ''
    keeper.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      told += chunk
    })
    const environment = await until(() => {
      const pairs = told
        .split('\0')
        .slice(0, -1)
        .map((pair) => pair.split(/=(.*)/s))
      const found = pairs.filter(([name = '']) => /^(FAKETIME|LD_PRELOAD)/.test(name))
      return found.length >= 3 && (Object.fromEntries(found) as Record<string, string>)
    })
    return new FastClock(speed, keeper, environment)
  }

  /** Returns the wall time of this clock, in milliseconds since 1970. */
  now(): number {
    return performance.now() * this.speed + this.#offsetMs
  }

  stop(): void {
    process.kill(-(this.#keeper.pid as number), 'SIGKILL')
  }
}
