import { basename } from 'node:path'
import type { BotFiles } from '#core/init/bot-files.js'
import { commandOfLine } from '#core/init/command/command-of-line.js'
import { type Candidate, isRefused } from '#core/init/found-bot.js'
import { quoteWord } from '#core/text.js'

/** Finds the bots that units of systemd run in this folder. */
export function fromUnits(files: BotFiles): Candidate[] {
  return [...files.units].flatMap(([path, text]) => fromUnit(path, text, files))
}

function fromUnit(path: string, text: string, files: BotFiles): Candidate[] {
  const { folder } = files
  const line = valuesOf(text, 'ExecStart')
    .at(-1)
    ?.replace(/^[-@:+!|]+/, '')
  const isHere = valuesOf(text, 'WorkingDirectory').at(-1)?.replace(/\/+$/, '') === folder
  if (line === undefined || !(isHere || line.includes(`${folder}/`))) return []
  const name = basename(path)
  const from = `the unit ${name}`
  if (/%[a-zA-Z]/.test(line))
    return [
      { from, why: 'its ExecStart has specifiers of systemd', instead: 'Write the value: catalyst init --command "…"' },
    ]
  const found = commandOfLine(line.replaceAll(`${folder}/`, ''), files)
  if (isRefused(found)) return [{ from, ...found }]
  const settings = Object.fromEntries(valuesOf(text, 'Environment').flatMap(variablesIn))
  const environmentFiles = valuesOf(text, 'EnvironmentFile').map((file) => file.replace(/^-/, ''))
  return [
    {
      from,
      ...found,
      runner: { kind: 'unit', name, path },
      settings: { ...settings, ...found.settings },
      notes: [
        ...found.notes,
        `Two of one bot answer twice. Before it runs here: systemctl disable --now ${quoteWord(name)}`,
        ...environmentFiles
          .filter((file) => file !== `${folder}/.env`)
          .map((file) => `Its EnvironmentFile ${file} is not read here: put its lines into .env`),
      ],
    },
  ]
}

function valuesOf(text: string, name: string): string[] {
  return [...text.replace(/\\\r?\n/g, ' ').matchAll(new RegExp(`^${name}=[ \\t]*(.+?)[ \\t]*\\r?$`, 'gm'))].map(
    ([, value]) => value as string,
  )
}

function variablesIn(line: string): [string, string][] {
  const words = [...line.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(([, a, b, c]) => a ?? b ?? c ?? '')
  return words.flatMap((word) => {
    const found = /^([A-Za-z_]\w*)=([\s\S]*)$/.exec(word)
    return found && found[1] !== 'PATH' ? [[found[1] as string, found[2] as string] as [string, string]] : []
  })
}
