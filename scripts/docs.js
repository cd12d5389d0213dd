// Writes what is generated from the sources: .env.example, and the README's settings and commands.
// With --check it writes nothing and fails where something differs.
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { register } from 'tsx/esm/api'

register()
const { FULL_SCHEMA } = await import('../src/bots/config.ts')

const file = (name) => fileURLToPath(new URL(`../${name}`, import.meta.url))
const check = process.argv.includes('--check')
let differs = false

function put(name, text) {
  const before = readFileSync(file(name), { encoding: 'utf8', flag: 'a+' })
  if (before === text) return
  if (!check) return writeFileSync(file(name), text)
  differs = true
  process.stderr.write(`${name} is out of date: run npm run docs\n`)
}

const groups = [...new Set(Object.values(FULL_SCHEMA).map(({ group }) => group))]
const inGroup = (group) => Object.entries(FULL_SCHEMA).filter(([, rule]) => rule.group === group)

function envExample() {
  const lines = [
    '# Settings of this home. Copy to .env and change what you need; what stays commented out has its default.',
    '# The environment overrides this file. Check it with: catalyst config check',
  ]
  for (const group of groups) {
    lines.push('', `# --- ${group} ---`)
    for (const [name, rule] of inGroup(group)) {
      if (name === 'CATALYST_HOME') continue // names the home, so it can't stand inside one
      const facts = [rule.unit, rule.choices?.join(', '), rule.secret && 'secret'].filter(Boolean).join('; ')
      lines.push(`# ${rule.meaning}${facts ? ` [${facts}]` : ''}`, `#${name}=${rule.default || rule.example || ''}`)
    }
  }
  return `${lines.join('\n')}\n`
}

const cell = (text) => text.replaceAll('|', '\\|').replaceAll('<', '&lt;')

function settingsTable() {
  return groups
    .map((group) => {
      const rows = inGroup(group).map(([name, { default: value, unit, meaning, secret }]) => {
        const shown = value === '' ? 'not set' : `\`${value}\`${unit ? ` ${unit}` : ''}`
        return `| \`${name}\`${secret ? ' (secret)' : ''} | ${shown} | ${cell(meaning)} |`
      })
      return `**${group}**\n\n| name | default | meaning |\n| --- | --- | --- |\n${rows.join('\n')}`
    })
    .join('\n\n')
}

/** A command that does nothing without a word more. */
const needsMore = ({ args }) => Object.values(args).some(({ required }) => required)

function commandsTable() {
  const { commands } = JSON.parse(readFileSync(file('oclif.manifest.json'), 'utf8'))
  const rows = Object.values(commands)
    .sort((a, b) => (a.id < b.id ? -1 : 1))
    .map(
      (command) =>
        `| \`catalyst ${command.id.replaceAll(':', ' ')}${needsMore(command) ? ' …' : ''}\` | ${cell(
          command.summary ?? command.description,
        )
          .replace('<%= config.bin %>', 'catalyst')
          .replace('&lt;%= config.bin %>', 'catalyst')} |`,
    )
  return `| command | what it does |\n| --- | --- |\n${rows.join('\n')}`
}

function between(text, mark, content) {
  const [open, close] = [`<!-- ${mark} -->`, `<!-- /${mark} -->`]
  const start = text.indexOf(open)
  const end = text.indexOf(close)
  if (start === -1 || end < start) throw new Error(`the README has no ${open} … ${close}`)
  return `${text.slice(0, start + open.length)}\n${content}\n${text.slice(end)}`
}

put('.env.example', envExample())
const readme = readFileSync(file('README.md'), 'utf8')
put('README.md', between(between(readme, 'settings', settingsTable()), 'commands', commandsTable()))
if (differs) process.exitCode = 1
