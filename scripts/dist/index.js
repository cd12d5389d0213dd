// Makes every form of the program, from the bundle in dist/, into packages/: `npm run dist -- --only tar,zip --out DIR`.
// `--level 1` compresses tarballs, zips and wheels in an eighth of the time, as tests do.
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { writeTar, writeZip } from './archives.js'
import { DEB_ARCHITECTURES, makeDeb } from './deb.js'
import { archiveName, folderName, makeFolder } from './folder.js'
import { writeManifests } from './manifests.js'
import { NODES } from './nodes.js'
import { makeNpmPackage } from './npm-package.js'
import { sbomOf } from './sbom.js'
import { makeWheel } from './wheel.js'

/** The forms by the words of `--only`, in the order in which they are made. Manifests are made of what the others made. */
const MAKERS = {
  ...{ npm: makeNpm, tar: makeTars, zip: makeZips },
  ...{ deb: makeDebs, wheel: makeWheels, manifests: writeManifests },
}

async function makeNpm({ out, work }) {
  const file = await makeNpmPackage({ out, work: mkdtempSync(join(work, 'npm-')) })
  writeFileSync(file.replace(/tgz$/, 'cdx.json'), await sbomOf())
}

async function makeTars({ out, targets, work, level }) {
  for (const target of targets.filter((one) => !one.startsWith('win-')))
    await makeArchive({ target, form: 'tarball', write: writeTar, out, work, level })
}

async function makeZips({ out, targets, work, level }) {
  for (const target of targets.filter((one) => one.startsWith('win-')))
    await makeArchive({ target, form: 'zip', write: writeZip, out, work, level })
}

async function makeArchive({ target, form, write, out, work, level }) {
  const folder = join(work, folderName(target))
  const [platform, arch] = target.replace(/^win-/, 'win32-').split('-')
  await makeFolder({ platform, arch, form, into: folder })
  await write(folder, join(out, archiveName(target)), { level })
  writeFileSync(join(out, `${folderName(target)}.cdx.json`), await sbomOf(target))
}

async function makeDebs({ out, targets, work }) {
  for (const arch of Object.keys(DEB_ARCHITECTURES))
    if (targets.includes(`linux-${arch}`)) await makeDeb({ arch, work, out })
}

async function makeWheels({ out, targets, work, level }) {
  for (const target of targets) await makeWheel({ target, work, out, level })
}

function writeSums(out) {
  const names = readdirSync(out, { withFileTypes: true }).filter(
    (entry) => entry.isFile() && entry.name !== 'SHA256SUMS',
  )
  const lines = names.map(({ name }) => `${sha256(join(out, name))}  ${name}\n`)
  writeFileSync(join(out, 'SHA256SUMS'), lines.sort(byName).join(''))
}

function byName(a, b) {
  return a.slice(64) < b.slice(64) ? -1 : 1
}

function sha256(file) {
  return createHash('sha256').update(readFileSync(file)).digest('hex')
}

function wordsOf(text, known, what) {
  const words = text.split(',').map((word) => word.trim())
  const unknown = words.filter((word) => !known.includes(word))
  if (unknown.length > 0) throw new Error(`there is no ${what} ${unknown.join(', ')}. There are: ${known.join(', ')}`)
  return words
}

async function main() {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', default: Object.keys(MAKERS).join(',') },
      target: { type: 'string', default: Object.keys(NODES).join(',') },
      url: { type: 'string', default: 'https://example.invalid/catalyst' },
      out: { type: 'string', default: 'packages' },
      level: { type: 'string', default: '9' },
    },
  })
  const forms = wordsOf(values.only, Object.keys(MAKERS), 'form')
  const targets = wordsOf(values.target, Object.keys(NODES), 'target')
  if (!/^[1-9]$/.test(values.level)) throw new Error(`--level is 1 to 9, not ${values.level}`)
  const out = resolve(values.out)
  mkdirSync(out, { recursive: true })
  const work = mkdtempSync(join(tmpdir(), 'catalyst-dist-'))
  try {
    for (const [form, make] of Object.entries(MAKERS))
      if (forms.includes(form)) await make({ out, targets, work, url: values.url, level: Number(values.level) })
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
  writeSums(out)
  process.stdout.write(readFileSync(join(out, 'SHA256SUMS'), 'utf8'))
}

main().catch((error) => {
  process.stderr.write(`dist: ${error.message}\n`)
  process.exitCode = 1
})
