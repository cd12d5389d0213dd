/**
 * `npm run bench`: what we promise of speed and memory, side by side with a yardstick in the same rounds. It asserts nothing:
 * machines differ. docs/performance.md says what each figure means.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { CATALYST, ROOT } from './kernel/home.js'
import { cleanEnvironment, loadWarning, machineText, thisMachine } from './kernel/machine.js'
import { type BenchOptions, benchOptions, ENOUGH_ROUNDS, UsageError } from './kernel/options.js'
import { withResults } from './kernel/performance-doc.js'
import type { Found, Row } from './kernel/row.js'
import { Scratch, type Words } from './kernel/scratch.js'
import type { Bench, Section } from './kernel/section.js'
import { foundMarkdown, foundText, jsonRow } from './kernel/table.js'
import { versionsText, yardstickVersions } from './kernel/versions.js'
import { SECTIONS } from './sections/all.js'

const DOC = join(ROOT, 'docs', 'performance.md')

interface Done extends Found {
  readonly name: string
  readonly seconds: number
  readonly error?: string
}

const scratches = new Set<Scratch>()
let isInterrupted = false

const environment = cleanEnvironment()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void interrupt())
process.exitCode = await main()

async function main(): Promise<number> {
  const names = SECTIONS.map(({ name }) => name)
  try {
    const options = benchOptions(process.argv.slice(2), names)
    if (!options.help) return await bench(options)
    process.stdout.write(`${usage()}\n`)
    return 0
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    say(`${error.message}\n\n${usage()}`)
    return 2
  }
}

function usage(): string {
  const sections = SECTIONS.map(({ name, about }) => `  ${name.padEnd(10)}${about}`)
  return `npm run bench -- [--only NAME,NAME] [--rounds N] [--json] [--write] [--catalyst FILE]

  --only NAME,…     only these sections
  --rounds N        rounds of each comparison; each section has its own number, ${ENOUGH_ROUNDS} at least
  --json            the results as JSON
  --write           writes the results into docs/performance.md
  --catalyst FILE   another catalyst than this repository's, for the sections that run whole commands

${sections.join('\n')}`
}

/** Returns the exit code: 1 where a section failed. */
async function bench(options: BenchOptions): Promise<number> {
  const machine = thisMachine()
  const shared = newScratch()
  const versions = await yardstickVersions(shared)
  say(machineText(machine))
  say(versionsText(versions))
  const warnings = [loadWarning(machine), fewRounds(options)].filter((warning) => warning !== undefined)
  for (const warning of warnings) say(`warning: ${warning}`)
  const all: Done[] = []
  try {
    for (const section of SECTIONS.filter(({ name }) => options.only.includes(name))) {
      if (isInterrupted) break
      say(`${section.name}: ${section.about} …`)
      const done = await measure(section, options, shared)
      all.push(done)
      if (!options.json) process.stdout.write(`\n${done.name} (${done.seconds.toFixed(0)} s)\n${doneText(done)}\n`)
    }
  } finally {
    await closed(shared)
  }
  if (isInterrupted) return 130
  if (options.json)
    process.stdout.write(`${JSON.stringify(jsonOf({ ...machine, yardsticks: versions }, warnings, all), null, 2)}\n`)
  if (options.write) write(`${machineText(machine)}; ${versionsText(versions)}`, warnings, all)
  return all.some(({ error }) => error !== undefined) ? 1 : 0
}

async function measure(section: Section, options: BenchOptions, shared: Scratch): Promise<Done> {
  const scratch = newScratch()
  const missing: string[] = []
  const tools: Bench = {
    scratch,
    shared,
    environment,
    catalyst: options.catalyst === undefined ? CATALYST : ([options.catalyst] satisfies Words),
    rounds: (usual) => options.rounds ?? usual,
    say,
    missing: (text) => missing.push(text),
  }
  const began = performance.now()
  const done = (rows: readonly Row[]) => ({
    name: section.name,
    rows,
    missing,
    seconds: (performance.now() - began) / 1000,
  })
  try {
    return done(await section.run(tools))
  } catch (error) {
    return { ...done([]), error: (error as Error).message }
  } finally {
    await closed(scratch)
  }
}

function fewRounds({ rounds }: BenchOptions): string | undefined {
  if (rounds === undefined || rounds >= ENOUGH_ROUNDS) return undefined
  return `${rounds} rounds are too few for a median to say much: ${ENOUGH_ROUNDS} at least`
}

function doneText(done: Done): string {
  return done.error === undefined ? foundText(done) : `failed: ${done.error}\n`
}

function jsonOf(machine: object, warnings: readonly string[], all: readonly Done[]): object {
  const sections = all.map(({ name, seconds, rows, missing, error }) => ({
    name,
    seconds,
    rows: rows.map(jsonRow),
    missing,
    error: error ?? null,
  }))
  return { machine, warnings, sections }
}

/** Each section has its own place, with the machine: they may be of different runs. One that failed changes nothing. */
function write(machine: string, warnings: readonly string[], all: readonly Done[]): void {
  let text = readFileSync(DOC, 'utf8')
  for (const done of all) {
    if (done.error !== undefined) continue
    const notes = warnings.map((warning) => `\nNote: ${warning}.\n`).join('')
    text = withResults(text, done.name, `${machine}\n${notes}${foundMarkdown(done)}`)
  }
  writeFileSync(DOC, text)
  say(`written: ${DOC}`)
}

function newScratch(): Scratch {
  const scratch = new Scratch()
  scratches.add(scratch)
  return scratch
}

async function closed(scratch: Scratch): Promise<void> {
  await scratch.close()
  scratches.delete(scratch)
}

/** Ends all that was started, whatever a section is waiting for. */
async function interrupt(): Promise<void> {
  if (isInterrupted) return
  isInterrupted = true
  say('interrupted: ending all that was started …')
  for (const scratch of [...scratches].reverse()) await scratch.close()
  process.exit(130)
}

function say(text: string): void {
  process.stderr.write(`${text}\n`)
}
