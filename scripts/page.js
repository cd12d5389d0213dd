// Bundles what the status page needs in a browser: each file is named by its content, and compressed beside it.
import { createHash } from 'node:crypto'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { build as bundle } from 'esbuild'

const FILES = ['page.ts', 'page.css', 'chart.ts', 'chart.css']

/** Writes `dist/page/` anew. Returns esbuild's metafiles. */
export async function buildPage(root) {
  const folder = `${root}/dist/page`
  const { outputFiles, metafile } = await bundle({
    absWorkingDir: root,
    entryPoints: FILES.map((name) => `src/page/${name}`),
    outdir: folder,
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: ['es2022'],
    legalComments: 'none', // see scripts/licences.js
    metafile: true,
    write: false,
    logLevel: 'warning',
    tsconfig: `${root}/src/page/tsconfig.json`,
  })
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const names = {}
  for (const { path, contents } of outputFiles) {
    const [, stem, ending] = /([\w-]+)\.(\w+)$/.exec(path)
    const hash = createHash('sha256').update(contents).digest('hex').slice(0, 12)
    const name = `${stem}-${hash}.${ending}`
    names[`${stem}.${ending}`] = name
    writeFileSync(`${folder}/${name}`, contents)
    writeFileSync(`${folder}/${name}.gz`, gzipSync(contents, { level: 9 }))
  }
  writeFileSync(`${folder}/names.json`, `${JSON.stringify(names)}\n`)
  return metafile
}
