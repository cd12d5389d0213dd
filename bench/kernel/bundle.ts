import { build } from 'esbuild'
import { ROOT } from './home.js'

/** Bundles a script of `bench/inside/`, so that a bare node runs it anywhere: with no hook, and in no other's process. */
export async function bundle(entry: string, outfile: string): Promise<string> {
  await build({
    absWorkingDir: ROOT,
    entryPoints: [`./bench/inside/${entry}`],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    minifySyntax: true,
    minifyWhitespace: true,
    external: ['pino'],
    define: { 'import.meta.dirname': '__dirname', 'import.meta.url': '__moduleUrl' },
    banner: { js: "const __moduleUrl=require('node:url').pathToFileURL(__filename).href;" },
    logLevel: 'error',
  })
  return outfile
}
