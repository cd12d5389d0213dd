// The bundles hold other people's code: their licences go with it.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Lists the packages that are part of a bundle, by their folders, sorted. `metafiles` are esbuild's. */
function bundledPackages(metafiles) {
  const inputs = metafiles.flatMap((metafile) => Object.keys(metafile.inputs))
  const folders = new Set(inputs.flatMap((input) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0] ?? []))
  return [...folders].sort()
}

/** Writes the licence of every bundled package, and the list of them, which scripts/dist/sbom.js reads. */
export function writeLicences(root, metafiles) {
  const folders = bundledPackages(metafiles)
  const texts = folders.map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'))
    const file = readdirSync(join(root, folder)).find((entry) => /^licen[cs]e/i.test(entry))
    const text = file ? readFileSync(join(root, folder, file), 'utf8').trim() : `Licence: ${license}`
    return `${name} ${version}\n\n${text}\n`
  })
  writeFileSync(join(root, 'dist', 'THIRD-PARTY-LICENCES.txt'), texts.join(`\n${'-'.repeat(80)}\n\n`))
  writeFileSync(join(root, 'dist', 'bundled.json'), `${JSON.stringify(folders, null, 2)}\n`)
}
