import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** What a fake program answers to a command line that begins with these words. */
export interface FakeAnswer {
  readonly exit?: number
  readonly out?: string
  readonly err?: string
  /** Answers in UTF-16, as NSSM does. */
  readonly wide?: boolean
  /** For `reg export`: what goes into the file. */
  readonly file?: string
}

/** A program of its own kind: it records what it is asked, and answers as told. */
export interface FakeProgram {
  readonly path: string
  /** The command lines so far. */
  calls(): string[][]
  answer(answers: Readonly<Record<string, FakeAnswer>>): void
}

const CODE = `
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
const self = process.argv[1]
const args = process.argv.slice(2)
appendFileSync(self + '.calls', JSON.stringify(args) + '\\n')
const answers = JSON.parse(readFileSync(self + '.answers', 'utf8'))
const words = Object.keys(answers).find((words) => (args.join(' ') + ' ').startsWith(words + ' ')) ?? '*'
const { exit = 0, out = '', err = '', wide = false, file } = answers[words] ?? { exit: 99, err: 'not expected' }
if (file !== undefined) writeFileSync(args[2], Buffer.from('\\ufeff' + file, 'utf16le'))
process.stdout.write(Buffer.from(out, wide ? 'utf16le' : 'utf8'))
process.stderr.write(Buffer.from(err, wide ? 'utf16le' : 'utf8'))
process.exitCode = exit
`

export function fakeProgram(
  folder: string,
  name: string,
  answers: Readonly<Record<string, FakeAnswer>> = {},
): FakeProgram {
  const path = join(folder, `${name}.mjs`)
  writeFileSync(path, `#!${process.execPath}${CODE}`)
  chmodSync(path, 0o755)
  const fake: FakeProgram = {
    path,
    calls: () =>
      existsSync(`${path}.calls`)
        ? readFileSync(`${path}.calls`, 'utf8')
            .trim()
            .split('\n')
            .map((line) => JSON.parse(line))
        : [],
    answer: (next) => writeFileSync(`${path}.answers`, JSON.stringify(next)),
  }
  fake.answer(answers)
  return fake
}

type Value = string | number | readonly string[]

/** The text that `reg export` writes. A string with `%` or a letter beyond ASCII is written as REG_EXPAND_SZ, in bytes. */
export function regFile(keys: Readonly<Record<string, Readonly<Record<string, Value>>>>): string {
  const blocks = Object.entries(keys).map(([key, values]) => {
    const lines = Object.entries(values).map(
      ([name, value]) => `${name === '' ? '@' : `"${escaped(name)}"`}=${written(value)}`,
    )
    return [`[HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\${key}]`, ...lines].join('\r\n')
  })
  return `Windows Registry Editor Version 5.00\r\n\r\n${blocks.join('\r\n\r\n')}\r\n\r\n`
}

function written(value: Value): string {
  if (typeof value === 'number') return `dword:${value.toString(16).padStart(8, '0')}`
  if (typeof value !== 'string') return `hex(7):${bytesOf(`${value.join('\0')}\0\0`)}`
  return /^[ -$&-~]*$/.test(value) ? `"${escaped(value)}"` : `hex(2):${bytesOf(`${value}\0`)}`
}

function escaped(text: string): string {
  return text.replace(/[\\"]/g, '\\$&')
}

function bytesOf(text: string): string {
  const bytes = Buffer.from(text, 'utf16le').toString('hex').match(/../g) ?? []
  return bytes.map((byte, index) => (index > 0 && index % 25 === 0 ? `\\\r\n  ${byte}` : byte)).join(',')
}
