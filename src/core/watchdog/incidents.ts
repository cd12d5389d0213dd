import { join } from 'node:path'
import type { LogLine } from '#core/logging/log-query.js'
import { readJson } from '#core/state/json-file.js'
import { listFolder, makeFolder, OWNER_FOLDER, OWNER_ONLY, removeFolder, writeAtomically } from '#core/system/files.js'
import type { Evidence } from './evidence.js'
import { type Incident, type IncidentState, incidentName, type Why } from './incident.js'

/** How an incident went, as its folder has it. */
export interface IncidentRecord extends Incident {
  /** When it came to what state, oldest first; wall times in ms since 1970. */
  readonly events: readonly IncidentEvent[]
}

export interface IncidentEvent {
  readonly at: number
  readonly state: IncidentState
  readonly why: Why
}

/** Incidents whose folders are kept. */
const KEPT = 50
/** Of a crash loop that goes on for days the latest events count, and the first. */
const EVENTS = 100
const NAME = /^\d{8}T\d{9}Z-[a-z]+$/

/** The folders of a home's incidents. `redact` keeps secrets out of all that is written. */
export class Incidents {
  readonly #folder: string
  readonly #redact: (text: string) => string

  constructor(folder: string, redact: (text: string) => string = (text) => text) {
    this.#folder = folder
    this.#redact = redact
  }

  /** Their names, newest first. */
  list(): string[] {
    return listFolder(this.#folder)
      .filter((name) => NAME.test(name))
      .reverse()
  }

  pathOf(name: string): string {
    return join(this.#folder, name)
  }

  read(name: string): IncidentRecord | undefined {
    return readJson<IncidentRecord>(
      this.#file(name, 'incident.json'),
      ({ id, events }) => typeof id === 'number' && Array.isArray(events),
    )
  }

  /** What was found before the first restart, or before the last one; undefined where nothing was kept. */
  evidence(name: string, which: 'first' | 'last'): Evidence | undefined {
    return readJson<Evidence>(this.#file(name, fileNames(which).evidence), ({ at }) => typeof at === 'string')
  }

  /** The log lines that belong to it. */
  logPath(name: string, which: 'first' | 'last'): string {
    return this.#file(name, fileNames(which).log)
  }

  /** Writes down what has become of it. */
  note(incident: Incident, at: number): void {
    const name = incidentName(incident)
    const before = this.read(name)?.events ?? []
    const [first, ...later] = [...before, { at, state: incident.state, why: incident.why }]
    const events = [first, ...later.slice(1 - EVENTS)]
    this.#write(name, 'incident.json', `${this.#cleanJson({ ...incident, events })}\n`)
    if (before.length === 0) this.#prune(name)
  }

  /** Keeps what was found: the first time for good, after that only the latest. */
  keep(incident: Incident, evidence: Evidence, log: readonly LogLine[]): void {
    const name = incidentName(incident)
    const files = fileNames(this.evidence(name, 'first') === undefined ? 'first' : 'last')
    this.#write(name, files.log, log.map(({ text }) => `${this.#redact(text)}\n`).join(''))
    this.#write(name, files.evidence, `${this.#cleanJson(evidence)}\n`)
  }

  /** Secrets are looked for in strings alone: a short one may well be a part of a number. */
  #cleanJson(value: object): string {
    const clean = (key: string, text: string) =>
      Object.values(JSON.parse(this.#redact(JSON.stringify({ [key]: text }))) as Record<string, string>)[0]
    return JSON.stringify(value, (key, part) => (typeof part === 'string' ? clean(key, part) : part), 2)
  }

  #write(name: string, file: string, text: string): void {
    makeFolder(this.pathOf(name), OWNER_FOLDER)
    writeAtomically(this.#file(name, file), text, OWNER_ONLY)
  }

  /** What was opened just now stays, also after the clock was set back. */
  #prune(newest: string): void {
    const others = this.list().filter((name) => name !== newest)
    for (const name of others.slice(KEPT - 1)) removeFolder(this.pathOf(name))
  }

  #file(name: string, file: string): string {
    return join(this.#folder, name, file)
  }
}

function fileNames(which: 'first' | 'last'): { evidence: string; log: string } {
  return which === 'first'
    ? { evidence: 'evidence.json', log: 'log.jsonl' }
    : { evidence: 'evidence-last.json', log: 'log-last.jsonl' }
}
