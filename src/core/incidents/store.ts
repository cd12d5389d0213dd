import { join } from 'node:path'
import { migrateIncident } from '#core/home/migrate-names.js'
import type { LogLine } from '#core/logging/read/log-query.js'
import { listFolder } from '#core/platform/fs/files.js'
import { readJson } from '#core/platform/fs/json-file.js'
import { makeFolder, OWNER_FOLDER, OWNER_ONLY, removeFolder, writeAtomically } from '#core/platform/fs/write-files.js'
import { isTime } from '#core/text.js'
import { type Evidence, isEvidence } from './evidence.js'
import { type Incident, type IncidentState, incidentName, isIncident, type Why } from './incident.js'

/** An incident with its events, as its folder has it. */
export interface IncidentRecord extends Incident {
  /** The changes of its state, oldest first; wall times in ms since 1970. */
  readonly events: readonly IncidentEvent[]
}

export interface IncidentEvent {
  readonly at: number
  readonly state: IncidentState
  readonly why: Why
}

/** The retention limit of incident folders. */
const MAXIMUM_INCIDENTS = 50
/** The limit of events: of a crash loop that goes on for days the first and the latest ones are kept. */
const MAXIMUM_EVENTS = 100
const NAME = /^\d{8}T\d{9}Z-[a-z]+$/

/** The folders of a home's incidents. `redact` keeps secrets out of all that is written. */
export class Incidents {
  readonly #folder: string
  readonly #redact: (text: string) => string

  constructor(folder: string, redact: (text: string) => string = (text) => text) {
    this.#folder = folder
    this.#redact = redact
  }

  /** Returns the names of the incidents, newest first. */
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
      (value) => isIncident(value) && Array.isArray(value.events) && value.events.every(isEvent),
      migrateIncident,
    )
  }

  /** Reads the evidence from before the first restart, or before the last one; undefined where there is none. */
  evidence(name: string, which: 'first' | 'last'): Evidence | undefined {
    return readJson<Evidence>(this.#file(name, fileNames(which).evidence), isEvidence)
  }

  /** Returns the path of the log lines that belong to it. */
  logPath(name: string, which: 'first' | 'last'): string {
    return this.#file(name, fileNames(which).log)
  }

  /** Writes the current state of an incident, and adds it to the events. */
  save(incident: Incident, at: number): void {
    const name = incidentName(incident)
    const before = this.read(name)?.events ?? []
    const [first, ...later] = [...before, { at, state: incident.state, why: incident.why }]
    const events = [first, ...later.slice(1 - MAXIMUM_EVENTS)]
    this.#write(name, 'incident.json', `${this.#cleanJson({ ...incident, events })}\n`)
    if (before.length === 0) this.#prune(name)
  }

  /** Saves evidence: the first for good, after that only the latest. */
  saveEvidence(incident: Incident, evidence: Evidence, log: readonly LogLine[]): void {
    const name = incidentName(incident)
    const files = fileNames(this.evidence(name, 'first') === undefined ? 'first' : 'last')
    this.#write(name, files.log, log.map(({ text }) => `${this.#redact(text)}\n`).join(''))
    this.#write(name, files.evidence, `${this.#cleanJson(evidence)}\n`)
  }

  /** Returns JSON without secrets. They are hidden in strings alone: a short one may well be a part of a number. */
  #cleanJson(value: object): string {
    const clean = (key: string, text: string) =>
      Object.values(JSON.parse(this.#redact(JSON.stringify({ [key]: text }))) as Record<string, string>)[0]
    return JSON.stringify(value, (key, part) => (typeof part === 'string' ? clean(key, part) : part), 2)
  }

  #write(name: string, file: string, text: string): void {
    makeFolder(this.pathOf(name), OWNER_FOLDER)
    writeAtomically(this.#file(name, file), text, OWNER_ONLY)
  }

  /** Removes the incidents beyond the retention limit. The newest stays, also after the clock was set back. */
  #prune(newest: string): void {
    const others = this.list().filter((name) => name !== newest)
    for (const name of others.slice(MAXIMUM_INCIDENTS - 1)) removeFolder(this.pathOf(name))
  }

  #file(name: string, file: string): string {
    return join(this.#folder, name, file)
  }
}

function isEvent(value: unknown): value is IncidentEvent {
  const { at, state, why } = (value ?? {}) as Record<string, unknown>
  return isTime(at) && typeof state === 'string' && typeof why === 'string'
}

function fileNames(which: 'first' | 'last'): { evidence: string; log: string } {
  return which === 'first'
    ? { evidence: 'evidence.json', log: 'log.jsonl' }
    : { evidence: 'evidence-last.json', log: 'log-last.jsonl' }
}
