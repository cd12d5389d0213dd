import { isAbsolute, resolve } from 'node:path'
import { splitCommand } from '#core/config/command-words.js'
import { type Fields, isObject } from '#core/json.js'

/** An app of pm2, as its lists and its ecosystem files describe it; what isn't set is undefined. */
export interface Pm2App {
  readonly name: string
  /** The whole path of its script or program. */
  readonly script: string
  readonly args: readonly string[]
  /** The program that runs the script; `none` for a program. */
  readonly interpreter: string | undefined
  readonly interpreterArgs: readonly string[]
  readonly folder: string
  /** Its environment, with that of the terminal in which it was started. */
  readonly environment: Readonly<Record<string, string>>
  readonly logs: readonly string[]
  /** The file with its pid, while pm2 runs it. */
  readonly pidFile: string | undefined
  readonly isCluster: boolean
  readonly instances: number
  readonly maxMemoryBytes: number | undefined
  readonly killTimeoutMs: number | undefined
  readonly restartDelayMs: number | undefined
  readonly cronRestart: string | undefined
  /** The names of further options that are set. */
  readonly others: readonly string[]
}

/** Options that have no counterpart, with the values that mean that they are not used. */
const OTHERS: readonly (readonly [string, readonly unknown[]])[] = [
  ['watch', [false, undefined, null]],
  ['wait_ready', [false, undefined, null]],
  ['exp_backoff_restart_delay', [undefined, null, 0]],
  ['max_restarts', [undefined, null, 16]],
  ['min_uptime', [undefined, null, 1000]],
  ['stop_exit_codes', [undefined, null]],
  ['shutdown_with_message', [false, undefined, null]],
  ['uid', [undefined, null]],
  ['gid', [undefined, null]],
]

/** Returns the app that these fields describe; undefined where they name no script. `base` is the folder of the file. */
export function pm2AppOf(fields: Fields, base: string): Pm2App | undefined {
  const script = textOf(fields.pm_exec_path) ?? textOf(fields.script)
  if (script === undefined) return undefined
  const folder = resolve(base, textOf(fields.pm_cwd) ?? textOf(fields.cwd) ?? '.')
  const isNamedAlone = textOf(fields.pm_exec_path) === undefined && !/[\\/.]/.test(script)
  const instances = Number(fields.instances ?? 1)
  const mode = textOf(fields.exec_mode)
  return {
    name: textOf(fields.name) ?? script.replace(/^.*[\\/]/, '').replace(/\.\w+$/, ''),
    script: isAbsolute(script) || isNamedAlone ? script : resolve(folder, script),
    args: wordsOf(fields.args),
    interpreter: textOf(fields.exec_interpreter) ?? textOf(fields.interpreter),
    interpreterArgs: wordsOf(fields.node_args ?? fields.interpreter_args),
    folder,
    environment: variablesOf({ ...fieldsOf(fields.env), ...fieldsOf(fields.env_production) }),
    logs: [fields.pm_out_log_path ?? fields.out_file, fields.pm_err_log_path ?? fields.error_file].flatMap((path) =>
      typeof path === 'string' ? [resolve(folder, path)] : [],
    ),
    pidFile: textOf(fields.pm_pid_path),
    isCluster: /^cluster/.test(mode ?? '') || (mode === undefined && fields.instances !== undefined && instances !== 1),
    instances: Number.isFinite(instances) ? instances : 0,
    maxMemoryBytes: bytesOf(fields.max_memory_restart),
    killTimeoutMs: numberOf(fields.kill_timeout),
    restartDelayMs: numberOf(fields.restart_delay),
    cronRestart: textOf(fields.cron_restart) ?? textOf(fields.cron),
    others: [
      ...OTHERS.filter(([name, unused]) => !unused.includes(fields[name] as never)).map(([name]) => name),
      ...(fields.autorestart === false ? ['autorestart: false'] : []),
    ],
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

function numberOf(value: unknown): number | undefined {
  const number = typeof value === 'string' ? Number.parseInt(value, 10) : value
  return typeof number === 'number' && Number.isFinite(number) && number > 0 ? number : undefined
}

/** Returns a size in bytes: a number, or pm2's `300M`. */
function bytesOf(value: unknown): number | undefined {
  if (typeof value === 'number') return value > 0 ? value : undefined
  const found = typeof value === 'string' ? /^(\d+)([KMG]?)B?$/i.exec(value) : null
  if (found === null) return undefined
  return Number(found[1]) * 1024 ** ['', 'K', 'M', 'G'].indexOf((found[2] as string).toUpperCase())
}

function wordsOf(value: unknown): readonly string[] {
  if (Array.isArray(value))
    return value.filter((word) => typeof word === 'string' || typeof word === 'number').map(String)
  if (typeof value !== 'string' || value.trim() === '') return []
  const words = splitCommand(value)
  return 'fault' in words ? value.trim().split(/\s+/) : words
}

function fieldsOf(value: unknown): Fields {
  return isObject(value) ? value : {}
}

function variablesOf(fields: Fields): Record<string, string> {
  const simple = Object.entries(fields).filter(([, value]) => ['string', 'number', 'boolean'].includes(typeof value))
  return Object.fromEntries(simple.map(([name, value]) => [name, String(value)]))
}
