let isOwn = false

/** Prints something of our own: it goes to the stream itself, also while {@link captureOutput} is at work. */
export function printOwn<T>(print: () => T): T {
  const before = isOwn
  isOwn = true
  try {
    return print()
  } finally {
    isOwn = before
  }
}

/** Passes on what others in this process print to a stream of ours, in place of the stream. Returns what ends it. */
export function captureOutput(stream: NodeJS.WriteStream, onChunk: (chunk: Buffer) => void): () => void {
  const { write } = stream
  const captured = ((chunk: string | Uint8Array, ...more: unknown[]) => {
    if (isOwn) return Reflect.apply(write, stream, [chunk, ...more])
    const encoding = typeof more[0] === 'string' ? (more[0] as BufferEncoding) : 'utf8'
    // what takes it in may print itself
    printOwn(() => onChunk(typeof chunk === 'string' ? Buffer.from(chunk, encoding) : Buffer.from(chunk)))
    const done = more.find((one) => typeof one === 'function') as (() => void) | undefined
    if (done !== undefined) queueMicrotask(done)
    return true
  }) as typeof stream.write
  stream.write = captured
  return () => {
    if (stream.write === captured) stream.write = write
  }
}
