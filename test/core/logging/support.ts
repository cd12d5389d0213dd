/** What the tests of the logs share: a log in a temporary folder, what its files hold, and children that log. */
import { type ChildProcess, spawn } from 'node:child_process'
import fs from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { type Logging, type LoggingOptions, openLogging } from '#core/logging/write/logging.js'
import { realClock } from '#core/platform/clock.js'
import { until } from '../../support/e2e/until.js'
import { removeTempFolders, tempFolder } from '../../support/temp.js'
import { PLAIN } from './options.js'

/** The files of a log, oldest first. A plain one beside its compressed twin is left out. */
export function filesOf(folder: string, name: string): string[] {
  const files = fs.readdirSync(folder)
  const rotated = files.filter((file) => file.startsWith(`${name}.`) && !files.includes(`${file}.gz`)).sort()
  return [...rotated, ...(files.includes(name) ? [name] : [])]
}

export function textOf(path: string): string {
  const bytes = fs.readFileSync(path)
  return (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString()
}

/** All lines of a log over all its files. One that is no JSON, because it was split, makes it fail. */
export function linesOf(folder: string, name = 'bot.jsonl'): Record<string, unknown>[] {
  return filesOf(folder, name).flatMap((file) => {
    const text = textOf(join(folder, file))
    if (!text.endsWith('\n') && text !== '') throw new Error(`${file} ends within a line`)
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line))
  })
}

/** The numbers that {@link numbered} lines have, in the order of the files. */
export function numbersOf(folder: string, name = 'bot.jsonl'): unknown[] {
  return linesOf(folder, name)
    .map(({ n }) => n)
    .filter((n) => n !== undefined)
}

export function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index)
}

/** The means of one test file: call it once inside `describe`. After each test all is closed and removed. */
export function logTests() {
  const opened: Logging[] = []
  const children = new Set<ChildProcess>()

  afterEach(async () => {
    for (const child of children) child.kill('SIGKILL')
    await until(() => children.size === 0)
    for (const logging of opened.splice(0)) await logging.close()
    removeTempFolders()
  })

  return {
    open(options: Partial<LoggingOptions> = {}) {
      const faults: (string | undefined)[] = []
      const folder = options.folder ?? join(tempFolder(), 'logs')
      const logging = openLogging(realClock, {
        folder,
        ...PLAIN,
        onFault: (fault) => faults.push(fault),
        ...options,
      })
      opened.push(logging)
      return { ...logging, folder, faults }
    },
    /** Runs `log-child.ts` in a way that it knows, with these words of shell before it. */
    child(way: string, folder: string, env: Record<string, string> = {}, prefix = '') {
      const args = ['--import', 'tsx', fileURLToPath(new URL('log-child.ts', import.meta.url)), way, folder]
      const command = prefix === '' ? [] : ['sh', '-c', `${prefix} exec "$0" "$@"`]
      const [program = '', ...rest] = [...command, process.execPath, ...args]
      const child = spawn(program, rest, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
      children.add(child)
      const seen = { output: '' }
      child.stdout.on('data', (data) => (seen.output += data))
      child.stderr.on('data', (data) => (seen.output += data))
      const ended = new Promise<{ code: number | null; signal: string | null }>((resolve) => {
        child.on('close', (code, signal) => {
          children.delete(child)
          resolve({ code, signal })
        })
      })
      return { kill: () => child.kill('SIGKILL'), seen, ended }
    },
  }
}
