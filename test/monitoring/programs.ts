import fs from 'node:fs'
import os from 'node:os'
import { join } from 'node:path'
import type { Home } from '../support/e2e/home.js'
import type { Run, Running } from '../support/e2e/process.js'
import { BIN, ROOT } from '../support/e2e/root.js'
import { freePort } from '../support/e2e/server.js'
import { Hopeless, until } from '../support/e2e/until.js'

const DOCS = join(ROOT, 'docs', 'monitoring')

/** Starts the watchdog of a home. */
export function watchdogOf(home: Home, run: Run): Running {
  return run(process.execPath, [BIN, 'watchdog', 'run', '--home', home.folder], {
    folder: home.folder,
    cwd: os.tmpdir(),
  })
}

/** An alert as Alertmanager tells it to a webhook. */
export interface ToldAlert {
  readonly status: 'firing' | 'resolved'
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
}

/** Debian's Prometheus, that asks these targets. */
export interface Prometheus {
  /** Returns the values that a query has now, each with its labels. */
  query(query: string): Promise<{ labels: Record<string, string>; value: number }[]>
}

interface Targets {
  /** The bot; undefined: it is not asked. */
  readonly bot?: string
  readonly token?: string
  readonly node?: string
}

/**
 * Starts Debian's Prometheus and Alertmanager in a folder, on free ports, with the settings and rules of the guide: asking
 * twice a second, and without the time for which a fault has to last. Alertmanager tells `webhook`.
 */
export async function startMonitoring(
  folder: string,
  run: Run,
  targets: Targets,
  webhook: string,
): Promise<Prometheus> {
  const [prometheus, alertmanager] = [await freePort(), await freePort()]
  const write = (name: string, text: string) => fs.writeFileSync(join(folder, name), text)
  const doc = (name: string) => fs.readFileSync(join(DOCS, name), 'utf8')
  write('catalyst.rules.yml', doc('catalyst.rules.yml').replaceAll(/^( +for:) \w+$/gm, '$1 1s'))
  if (targets.token !== undefined) write('catalyst-token', targets.token)
  const own = doc('prometheus.yml')
  const settings = withToken(
    targets.bot === undefined ? own.replace(/\[["']127\.0\.0\.1:8080["']\]/, '[]') : own,
    targets.token,
  )
    .replaceAll(/_interval: 15s/g, '_interval: 500ms')
    .replace('127.0.0.1:8080', targets.bot ?? '')
    .replace('127.0.0.1:9100', targets.node ?? '127.0.0.1:1')
    .replace('127.0.0.1:9093', `127.0.0.1:${alertmanager}`)
  write('prometheus.yml', settings.replace('evaluation_interval', 'scrape_timeout: 400ms\n  evaluation_interval'))
  write(
    'alertmanager.yml',
    `route: { receiver: hook, group_by: [alertname, bot], group_wait: 0s, group_interval: 1s, repeat_interval: 1h }
receivers: [{ name: hook, webhook_configs: [{ url: '${webhook}' }] }]
`,
  )
  const started = [
    run(
      'prometheus-alertmanager',
      [
        '--config.file=alertmanager.yml',
        '--storage.path=alertmanager',
        `--web.listen-address=127.0.0.1:${alertmanager}`,
        '--cluster.listen-address=',
      ],
      { folder },
    ),
    run(
      'prometheus',
      [
        '--config.file=prometheus.yml',
        '--storage.tsdb.path=prometheus',
        `--web.listen-address=127.0.0.1:${prometheus}`,
      ],
      { folder },
    ),
  ]
  const isReady = async (port: number) => {
    const ended = started.find(({ hasEnded }) => hasEnded)
    if (ended) throw new Hopeless(ended.output)
    return fetch(`http://127.0.0.1:${port}/-/ready`).then(
      ({ ok }) => ok,
      () => false,
    )
  }
  await until(async () => (await isReady(prometheus)) && (await isReady(alertmanager)))
  return {
    async query(query) {
      const answer = await fetch(`http://127.0.0.1:${prometheus}/api/v1/query?query=${encodeURIComponent(query)}`)
      const { status, data, error } = (await answer.json()) as Answer
      if (status !== 'success') throw new Error(`${query}: ${error}`)
      return data.result.map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }))
    },
  }
}

/** Takes the token as the guide says: by the two lines that are remarks there. */
function withToken(settings: string, token: string | undefined): string {
  if (token === undefined) return settings
  return settings
    .replace('# authorization:', 'authorization:')
    .replace('#   credentials_file: /etc/prometheus/catalyst-token', '  credentials_file: catalyst-token')
}

interface Answer {
  readonly status: string
  readonly error?: string
  readonly data: { readonly result: { metric: Record<string, string>; value: [number, string] }[] }
}
