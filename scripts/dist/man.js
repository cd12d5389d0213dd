// The manual page, from the commands' own help.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Returns the page catalyst(1) as roff (man(7)). */
export function manPage({ version, date }) {
  const { commands } = JSON.parse(readFileSync(`${root}/oclif.manifest.json`, 'utf8'))
  const { description } = JSON.parse(readFileSync(`${root}/package.json`, 'utf8'))
  const shown = Object.values(commands).filter(({ hidden, id }) => !hidden && id !== 'help')
  return [
    `.TH CATALYST 1 "${date.toISOString().slice(0, 10)}" "catalyst ${version}" "User Commands"`,
    '.SH NAME',
    'catalyst \\- run a bot in any language 24/7',
    '.SH SYNOPSIS',
    '.B catalyst',
    '[\\fICOMMAND\\fR] [\\fIFLAGS\\fR]',
    '.SH DESCRIPTION',
    text(description),
    '.PP',
    'Without a command it shows the status of the bot in this folder.',
    '.B catalyst help',
    '.I COMMAND',
    'shows the help of one command.',
    '.SH COMMANDS',
    ...shown.sort((one, other) => (one.id < other.id ? -1 : 1)).flatMap(command),
    '.SH ENVIRONMENT',
    '.TP',
    '.B CATALYST_HOME',
    "The bot's folder, where no",
    '.B \\-\\-home',
    'names it.',
    '.TP',
    '.B CATALYST_AS_ROOT',
    "1: root is meant, also in another user's home, as in a container.",
    '.SH FILES',
    "Below the bot's folder:",
    '.TP',
    '.I .env',
    'The settings.',
    '.TP',
    '.I .catalyst/',
    'What Catalyst keeps: releases, backups, incidents, the journal.',
    '.TP',
    '.I data/logs/',
    'The logs.',
    '.SH EXIT STATUS',
    '0 done, 1 failed, 2 wrong usage, 75 busy, 77 not permitted, 78 settings.',
    '.B catalyst health check',
    'has its own.',
    '.SH SEE ALSO',
    '.BR systemctl (1),',
    '.BR journalctl (1)',
    '',
  ].join('\n')
}

function command({ id, args = {}, flags = {}, summary, description }) {
  const words = Object.values(args).map(({ name, required }) => (required ? name : `[${name}]`).toUpperCase())
  return [
    `.SS catalyst ${id.replaceAll(':', ' ')} ${words.map(escaped).join(' ')}`.trim(),
    text(summary ?? ''),
    ...(description ? ['.PP', text(description)] : []),
    ...Object.values(args).flatMap(argument),
    ...Object.values(flags)
      .filter(({ hidden }) => !hidden)
      .flatMap(flag),
  ]
}

function argument({ name, description }) {
  return ['.TP', `.I ${escaped(name.toUpperCase())}`, text(description ?? '')]
}

function flag({ name, char, type, helpValue, summary, description }) {
  const value = type === 'option' ? `=\\fI${escaped(helpValue ?? 'VALUE')}\\fR` : ''
  const short = char === undefined ? '' : `\\fB${escaped(`-${char}`)}\\fR, `
  return ['.TP', `${short}\\fB${escaped(`--${name}`)}\\fR${value}`, text(summary ?? description ?? '')]
}

/** Returns paragraphs as roff, a line each. */
function text(words) {
  const plain = words.replaceAll('<%= config.bin %>', 'catalyst')
  return plain
    .split(/\n+/)
    .map((line) => escaped(line.trim()))
    .filter((line) => line !== '')
    .join('\n.PP\n')
}

/** Escapes what roff would take for a command: a backslash, a hyphen, and a dot or apostrophe at a line's beginning. */
function escaped(line) {
  return line
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll('`', '\\(ga')
    .replace(/^(?=[.'])/, '\\&')
}
