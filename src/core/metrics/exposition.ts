import type { Metric, Registry } from 'prom-client'
import { printable } from '#core/printable.js'
import type { AnyFamily, Family, HistogramFamily, Sample } from './family.js'

/** The longest value of a label: what others have named must not swell each scrape. */
const LONGEST_LABEL = 200

/**
 * Returns the metrics in Prometheus' text format, each with the name of the bot as its label `bot`: several bots of a
 * machine may be told of in one place. prom-client is loaded only now, so that a bot that nobody scrapes does without it.
 */
export async function exposition(bot: string, families: readonly AnyFamily[]): Promise<string> {
  const { Counter, Gauge, Registry } = await import('prom-client')
  const registry = new Registry()
  registry.setDefaultLabels({ bot: labelValue(bot) })
  for (const family of families) {
    if (family.type === 'histogram') registry.registerMetric(histogram(family))
    else if (family.samples.length > 0) fill(family, registry)
  }
  return registry.metrics()

  function fill({ name, help, type, samples }: Family, registry: Registry): void {
    const options = { name, help, labelNames: Object.keys(samples[0]?.labels ?? {}), registers: [registry] }
    if (type === 'gauge') {
      const metric = new Gauge(options)
      for (const { labels, value } of samples) metric.set(clean(labels), value)
    } else {
      const metric = new Counter(options)
      for (const { labels, value } of samples) metric.inc(clean(labels), value)
    }
  }
}

/**
 * Returns a histogram whose values were counted before, each cycle in its bucket: what prom-client's own would count
 * only from the first scrape on.
 */
function histogram({ name, help, histogram }: HistogramFamily): Metric<string> {
  const { bounds, counts, sum } = histogram
  let total = 0
  const buckets = counts.map((count, index) => {
    total += count
    return { metricName: `${name}_bucket`, labels: { le: bounds[index] ?? '+Inf' }, value: total }
  })
  const values = [
    ...buckets,
    { metricName: `${name}_sum`, labels: {}, value: sum },
    { metricName: `${name}_count`, labels: {}, value: total },
  ]
  const metric = { name, get: async () => ({ name, help, type: 'histogram', aggregator: 'sum', values }) }
  return metric as unknown as Metric<string>
}

function clean(labels: Sample['labels']): Record<string, string> {
  return Object.fromEntries(Object.entries(labels).map(([name, value]) => [name, labelValue(value)]))
}

/** Returns a text of others as the value of a label, of a bounded length. */
function labelValue(text: string): string {
  return printable(text).slice(0, LONGEST_LABEL)
}
