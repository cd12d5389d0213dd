// What must hold after a cut: `whole.mjs HOME CLI`. The pointer names a whole release, the settings are the old or the
// new ones whole, and a recovery and another deployment end well. It says what doesn't hold, and exits 1.
import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import { join } from 'node:path'

const [home, cli] = process.argv.slice(2)
const read = (...parts) => fs.readFileSync(join(home, ...parts), 'utf8')
const { NODE_OPTIONS: _options, ...env } = process.env

function expectWhole(when) {
  const { name, commit } = JSON.parse(read('.catalyst', 'releases', 'active.json'))
  const manifest = JSON.parse(read('.catalyst', 'releases', `${name}.json`))
  if (manifest.commit !== commit) throw new Error(`${when}: ${name} is not of ${commit}`)
  if (read('.catalyst', 'releases', name, 'bot.mjs') === '') throw new Error(`${when}: ${name} is empty`)
  if (!SETTINGS.includes(read('.env'))) throw new Error(`${when}: the settings are ${JSON.stringify(read('.env'))}`)
  if (read('data', 'sentinel') !== 'mine') throw new Error(`${when}: data/ was touched`)
  return name
}

function deploy(...words) {
  try {
    execFileSync(process.execPath, [cli, 'deploy', ...words, '--yes', '--home', home], { env, stdio: 'pipe' })
  } catch (error) {
    throw new Error(`deploy ${words.join(' ')}: ${String(error.stderr).replaceAll('\n', ' ')}`)
  }
}

const SETTINGS = JSON.parse(fs.readFileSync(`${home}.settings.json`, 'utf8'))
try {
  expectWhole('after the cut')
  deploy('recover')
  expectWhole('after the recovery')
  deploy('run', 'v2')
  if (!expectWhole('at last').startsWith('v2-')) throw new Error('v2 is not active')
  const left = fs.readdirSync(join(home, '.catalyst', 'state'))
  if (left.includes('deployment.json') || left.includes('deploy.lock')) throw new Error(`left behind: ${left}`)
} catch (error) {
  process.stdout.write(`${error.message}\n`)
  process.exitCode = 1
}
