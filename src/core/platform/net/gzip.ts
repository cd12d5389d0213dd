import { promisify } from 'node:util'

/** Compresses a text in a thread of its own, so that nobody waits for it. */
export function gzipText(text: string): Promise<Uint8Array> {
  const { gzip } = process.getBuiltinModule('node:zlib') // a bot's start must not wait for it
  return promisify(gzip)(text)
}

/** Returns whether a request takes an answer that is compressed by gzip (RFC 9110, section 12.5.3). */
export function takesGzip(acceptEncoding: string | readonly string[] | undefined): boolean {
  return /(^|[,\s])(gzip|\*)(?!\s*;\s*q=0(\.0*)?(\s|,|$))/.test(String(acceptEncoding ?? ''))
}
