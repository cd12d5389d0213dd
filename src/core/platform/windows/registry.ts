import fs from 'node:fs'
import os from 'node:os'
import { join } from 'node:path'
import { QUERY_TIMEOUT_MS, run } from '#core/platform/process/processes.js'
import { systemProgram } from './windows.js'

/**
 * A value of the registry. REG_SZ and REG_EXPAND_SZ are strings, REG_DWORD is a number, REG_MULTI_SZ a list. Other
 * kinds are left out.
 */
export type RegistryValue = string | number | readonly string[]

/** Values by name within keys by path; a key's default value has the name ''. Paths are spelled as in the registry. */
export type Registry = ReadonlyMap<string, ReadonlyMap<string, RegistryValue>>

/**
 * Returns a key of the Windows registry with all below it, or undefined if it is missing or unreadable. It is exported
 * into a file, because only that is in UTF-16: the output of `reg query` has lost every letter that the console lacks.
 */
export async function readRegistry(key: string, reg = systemProgram('reg.exe')): Promise<Registry | undefined> {
  const folder = fs.mkdtempSync(join(os.tmpdir(), 'catalyst-'))
  const file = join(folder, 'key.reg')
  try {
    const { exit } = await run(reg, ['export', key, file, '/y'], { timeoutMs: QUERY_TIMEOUT_MS })
    return exit === 0 ? parseRegistry(fs.readFileSync(file, 'utf16le')) : undefined
  } finally {
    fs.rmSync(folder, { recursive: true, force: true })
  }
}

/** Reads the text of a `.reg` file, version 5.00: `[key]`, then `"name"=value` or `@=value` lines. */
export function parseRegistry(text: string): Registry {
  const keys = new Map<string, Map<string, RegistryValue>>()
  let values: Map<string, RegistryValue> | undefined
  for (const [, key, name, quoted, plain] of text.matchAll(LINE)) {
    if (key !== undefined) {
      values = new Map()
      keys.set(key, values)
      continue
    }
    const value = quoted === undefined ? parseValue(plain as string) : unescaped(quoted)
    if (value !== undefined) values?.set(name === '@' ? '' : unescaped((name as string).slice(1, -1)), value)
  }
  return keys
}

/**
 * A key, or a name with a value in quotes (which may hold line ends), or with any other, which may span several lines.
 */
const LINE = /^(?:\[([^\r\n]+)\]|(@|"(?:[^"\\]|\\.)*")=(?:"((?:[^"\\]|\\.)*)"|([^"\r\n](?:\\\r?\n|[^\r\n])*)))\r?$/gms

function unescaped(text: string): string {
  return text.replace(/\\(.)/gs, '$1')
}

function parseValue(text: string): RegistryValue | undefined {
  const [kind, data = ''] = text.split(':', 2)
  if (kind === 'dword') return Number.parseInt(data, 16)
  const bytes = () => Buffer.from(data.replace(/[,\s\\]/g, ''), 'hex').toString('utf16le')
  if (kind === 'hex(2)' || kind === 'hex(1)') return bytes().replace(/\0+$/, '')
  if (kind === 'hex(7)') return bytes().replace(/\0+$/, '').split('\0')
  return undefined
}
