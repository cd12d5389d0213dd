import { join } from 'node:path'
import { listFolder, readBeginning } from '#core/platform/fs/files.js'
import { readJson, writeJson } from '#core/platform/fs/json-file.js'
import { createExclusively, makeFolder, OWNER_FOLDER, OWNER_ONLY, removeFile } from '#core/platform/fs/write-files.js'
import { type Alert, isAlert } from './alert.js'
import type { Failure, Pending } from './schedule.js'

/** A text that waits. The newest text of an alert counts, which has the highest number. */
export interface WaitingAlert extends Pending {
  readonly number: number
  readonly alert: Alert
}

/** An alert that was given up. Times are wall times in ms since 1970. */
interface GivenUp {
  readonly id: string
  readonly title: string
  /** The time at which its text was made. */
  readonly at: number
  readonly given_up_at: number
  readonly why: string
}

/** `deliveries.json`: what the sender of a channel remembers across its own restarts. */
export interface Deliveries {
  /** What the channel needs to know of the messages that went out, by the alert's id: a newer text may be an edit. */
  readonly messages: Readonly<Record<string, string>>
  /** The failures of the alerts that wait. */
  readonly failures: Readonly<Record<string, Failure>>
  /** The alerts given up, newest last. */
  readonly given_up: readonly GivenUp[]
  /** The number of alerts that it has ever given up. */
  readonly given_up_total: number
}

const DELIVERIES = 'deliveries.json'
const NONE: Deliveries = { messages: {}, failures: {}, given_up: [], given_up_total: 0 }
const NAME = /^(\d{10,15})-([\w-]{1,64})\.json$/
const LONGEST_FILE = 200_000
/** The number of messages that can still be edited. */
const REMEMBERED = 50
const GIVEN_UP_SHOWN = 10

/**
 * The alerts of a home that wait to be sent: each text is a file of its own, made whole and removed once it has gone
 * out, so that the process that adds alerts and the one that sends them never write to the same file. What the disk
 * refuses stays in memory.
 */
export class AlertStore {
  readonly #folder: string
  /** Does each access to the files: root does it as their owner. */
  readonly #as: <T>(work: () => T) => T
  #unsaved: WaitingAlert[] = []
  /** Files that have gone out, and could not be removed. */
  readonly #stuck = new Set<string>()
  #deliveries: Deliveries | undefined
  /** True where the disk has refused the deliveries: another process would send the messages once more. */
  #isBehind = false
  #last = 0

  constructor(folder: string, as: <T>(work: () => T) => T = (work) => work()) {
    this.#folder = folder
    this.#as = as
  }

  /** Adds a text. It replaces older ones of the same id. A full disk holds no alert back. */
  add(id: string, at: number, alert: Alert): void {
    const added = { id, at, alert, number: this.#nextNumber() }
    const others = this.#unsaved.filter((one) => one.id !== id)
    const isSaved = this.#isSaved(added)
    this.#unsaved = isSaved ? others : [...others, added]
    if (isSaved) this.remove({ id, number: added.number - 1 }) // a queue that is stuck must not grow
  }

  /**
   * Returns the newest text of each alert, in the order in which they were made. It writes what a full disk has refused
   * before.
   */
  waiting(): WaitingAlert[] {
    if (this.#isBehind) this.#writeDeliveries()
    this.#unsaved = this.#unsaved.filter((one) => !this.#isSaved(one))
    const all = [...this.#onDisk(), ...this.#unsaved].sort((a, b) => a.number - b.number)
    const newest = new Map(all.map((one) => [one.id, one]))
    return all.filter((one) => newest.get(one.id) === one)
  }

  /** Returns the texts that the disk has refused: they can go out also where the folder can't even be read. */
  unsaved(): readonly WaitingAlert[] {
    return this.#unsaved
  }

  /** Removes a text that has gone out or was given up, and those that it has replaced. */
  remove({ id, number }: Pick<WaitingAlert, 'id' | 'number'>): void {
    const isOver = (one: { id: string; number: number }) => one.id === id && one.number <= number
    this.#unsaved = this.#unsaved.filter((one) => !isOver(one))
    this.#isDone(() => {
      for (const { name } of this.#files().filter(isOver)) {
        this.#stuck.add(name)
        if (this.#isDone(() => removeFile(join(this.#folder, name)))) this.#stuck.delete(name)
      }
    })
  }

  /** Returns the deliveries: the messages that went out, and the alerts that failed. */
  deliveries(): Deliveries {
    this.#deliveries ??= this.#readDeliveries()
    return this.#deliveries
  }

  /**
   * Writes the deliveries; where the disk is full, as soon as it is not: see {@link waiting}. Returns whether they are on
   * disk.
   */
  remember(deliveries: Deliveries): boolean {
    const { messages, failures, given_up, given_up_total } = deliveries
    const known = {
      messages: Object.fromEntries(Object.entries(messages).slice(-REMEMBERED)),
      failures,
      given_up: given_up.slice(-GIVEN_UP_SHOWN),
      given_up_total,
    }
    if (JSON.stringify(known) === JSON.stringify(this.deliveries())) return !this.#isBehind
    this.#deliveries = known
    this.#writeDeliveries()
    return !this.#isBehind
  }

  /** Removes the deliveries. */
  forget(): void {
    this.#deliveries = undefined
    this.#isDone(() => removeFile(join(this.#folder, DELIVERIES)))
  }

  #readDeliveries(): Deliveries {
    try {
      return this.#as(() => readDeliveries(this.#folder))
    } catch {
      return NONE // a file of another user, or a folder: no alert is held back for it
    }
  }

  #writeDeliveries(): void {
    const known = this.deliveries()
    this.#isBehind = !this.#isDone(() => {
      makeFolder(this.#folder, OWNER_FOLDER)
      writeJson(join(this.#folder, DELIVERIES), known, OWNER_ONLY)
    })
  }

  #nextNumber(): number {
    this.#isDone(() => {
      this.#last = Math.max(this.#last, ...this.#files().map(({ number }) => number))
    })
    return ++this.#last
  }

  #isSaved({ id, at, alert, number }: WaitingAlert): boolean {
    const name = `${String(number).padStart(10, '0')}-${id}.json`
    return this.#isDone(() => {
      makeFolder(this.#folder, OWNER_FOLDER)
      createExclusively(join(this.#folder, name), `${JSON.stringify({ at, alert })}\n`)
    })
  }

  #onDisk(): WaitingAlert[] {
    return this.#files().flatMap(({ id, number, name }) => {
      const content = this.#stuck.has(name) ? undefined : this.#as(() => readAlert(join(this.#folder, name)))
      return content === undefined ? [] : [{ id, number, ...content }]
    })
  }

  /** Returns the files of waiting texts, by their numbers. */
  #files(): { name: string; number: number; id: string }[] {
    return this.#as(() => listFolder(this.#folder)).flatMap((name) => {
      const [, number, id] = NAME.exec(name) ?? []
      return id === undefined ? [] : [{ name, number: Number(number), id }]
    })
  }

  #isDone(work: () => void): boolean {
    try {
      this.#as(work)
      return true
    } catch {
      return false
    }
  }
}

/** Reads an alert; undefined where the file is damaged, too long, or not an alert at all. */
function readAlert(path: string): { at: number; alert: Alert } | undefined {
  try {
    const text = readBeginning(path, LONGEST_FILE + 1)
    if (text === undefined || text.length > LONGEST_FILE) return undefined
    const { at, alert } = JSON.parse(text)
    return isWallTime(at) && isAlert(alert) ? { at, alert } : undefined
  } catch {
    return undefined
  }
}

function readDeliveries(folder: string): Deliveries {
  const found = readJson<Record<string, unknown>>(join(folder, DELIVERIES), () => true) ?? {}
  const { messages, failures, given_up, given_up_total: total } = found
  const known = Array.isArray(given_up) ? given_up.filter(isGivenUp) : []
  return {
    messages: Object.fromEntries(entriesOf(messages).filter((entry): entry is [string, string] => isMessage(entry[1]))),
    failures: Object.fromEntries(
      entriesOf(failures).filter((entry): entry is [string, Failure] => isFailure(entry[1])),
    ),
    given_up: known,
    given_up_total: typeof total === 'number' && total >= known.length ? total : known.length, // not written before 0.2
  }
}

function entriesOf(value: unknown): [string, unknown][] {
  return typeof value === 'object' && value !== null ? Object.entries(value) : []
}

function isMessage(value: unknown): value is string {
  return typeof value === 'string' && /^\w[\w.-]{0,63}$/.test(value)
}

function isFailure(value: unknown): value is Failure {
  const { since, tries, why, isTold } = Object(value) as Record<string, unknown>
  return isWallTime(since) && typeof tries === 'number' && typeof why === 'string' && typeof isTold === 'boolean'
}

function isGivenUp(value: unknown): value is GivenUp {
  const { id, title, at, given_up_at, why } = Object(value) as Record<string, unknown>
  return [id, title, why].every((text) => typeof text === 'string') && isWallTime(at) && isWallTime(given_up_at)
}

function isWallTime(value: unknown): value is number {
  return typeof value === 'number' && !Number.isNaN(new Date(value).getTime())
}
