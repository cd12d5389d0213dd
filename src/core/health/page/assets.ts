import { readBytes, readText } from '#core/platform/fs/files.js'
import { packageFile } from '#core/platform/package.js'

/** The files that a browser needs beside the page, as scripts/build.js has made them. */
export interface Assets {
  /** Returns the address of a file, which changes with its content. */
  href(name: string): string
  /** Returns a file by the last part of its address; undefined where there is none. */
  read(name: string): Asset | undefined
}

export interface Asset {
  readonly type: string
  /** The file as it is, and compressed. */
  readonly bytes: Uint8Array
  readonly gzip: Uint8Array
}

const TYPES: Readonly<Record<string, string>> = {
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
}

/** Returns the files in `dist/page/`, each of which is read when it is asked for: most bots are never looked at. */
export function openAssets(folder = packageFile('dist', 'page')): Assets {
  let names: Readonly<Record<string, string>> | undefined
  const all = () => {
    names ??= JSON.parse(readText(`${folder}/names.json`) ?? '{}') as Record<string, string>
    return names
  }
  return {
    href: (name) => `/page/assets/${all()[name] ?? name}`,
    read(name) {
      const type = TYPES[name.split('.').at(-1) ?? '']
      if (type === undefined || !Object.values(all()).includes(name)) return undefined
      const [bytes, gzip] = [readBytes(`${folder}/${name}`), readBytes(`${folder}/${name}.gz`)]
      return bytes === undefined || gzip === undefined ? undefined : { type, bytes, gzip }
    },
  }
}
