import zlib from 'node:zlib'

interface Picture {
  readonly width: number
  readonly height: number
  /** Red, green and blue of each point. */
  readonly points: Uint8Array
}

/**
 * Returns a screenshot as a PNG with a palette, which takes a third: colors beyond 256, of the edges of letters, become
 * their most frequent neighbors. See the PNG specification, third edition, sections 9 and 11.
 */
export function smallPng(png: Buffer): Buffer {
  const { width, height, points } = decode(png)
  const counts = new Map<number, number>()
  const colorAt = (index: number) =>
    ((points[index * 3] as number) << 16) | ((points[index * 3 + 1] as number) << 8) | (points[index * 3 + 2] as number)
  for (let index = 0; index < width * height; index++) {
    const color = colorAt(index)
    counts.set(color, (counts.get(color) ?? 0) + 1)
  }
  const { palette, indexOf } = paletteOf(counts)
  const rows = Buffer.alloc(height * (width + 1)) // each begins with its filter: none
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) rows[y * (width + 1) + 1 + x] = indexOf(colorAt(y * width + x))
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([8, 3, 0, 0, 0], 8)
  const colors = Buffer.from(palette.flatMap((color) => [color >> 16, (color >> 8) & 255, color & 255]))
  return Buffer.concat([
    png.subarray(0, 8),
    chunk('IHDR', header),
    chunk('PLTE', colors),
    chunk('IDAT', zlib.deflateSync(rows, { level: 9, memLevel: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

/** Returns the 256 most frequent colors, and the place of the nearest of them for each color. */
function paletteOf(counts: ReadonlyMap<number, number>) {
  const palette = [...counts.entries()]
    .sort(([, one], [, other]) => other - one)
    .slice(0, 256)
    .map(([color]) => color)
  const places = new Map(palette.map((color, index) => [color, index]))
  const indexOf = (color: number): number => {
    const known = places.get(color)
    if (known !== undefined) return known
    const distances = palette.map((other) => distance(color, other))
    const nearest = distances.indexOf(Math.min(...distances))
    places.set(color, nearest)
    return nearest
  }
  return { palette, indexOf }
}

function distance(one: number, other: number): number {
  return [16, 8, 0].reduce((sum, shift) => sum + (((one >> shift) & 255) - ((other >> shift) & 255)) ** 2, 0)
}

function decode(png: Buffer): Picture {
  const width = png.readUInt32BE(16)
  const height = png.readUInt32BE(20)
  const channels = png[25] === 6 ? 4 : 3
  const data: Buffer[] = []
  for (let at = 8; at < png.length; at += 12 + png.readUInt32BE(at))
    if (png.toString('latin1', at + 4, at + 8) === 'IDAT')
      data.push(png.subarray(at + 8, at + 8 + png.readUInt32BE(at)))
  const raw = zlib.inflateSync(Buffer.concat(data))
  const length = width * channels
  const rows = new Uint8Array(length * height)
  for (let y = 0; y < height; y++) {
    const filter = raw[y * (length + 1)]
    for (let x = 0; x < length; x++) {
      const left = x >= channels ? (rows[y * length + x - channels] as number) : 0
      const up = y > 0 ? (rows[(y - 1) * length + x] as number) : 0
      const corner = x >= channels && y > 0 ? (rows[(y - 1) * length + x - channels] as number) : 0
      const guess = [0, left, up, (left + up) >> 1, paeth(left, up, corner)][filter as number] as number
      rows[y * length + x] = (raw[y * (length + 1) + 1 + x] as number) + guess
    }
  }
  const points = new Uint8Array(width * height * 3)
  for (let index = 0; index < width * height; index++)
    points.set(rows.subarray(index * channels, index * channels + 3), index * 3)
  return { width, height, points }
}

function paeth(left: number, up: number, corner: number): number {
  const guess = left + up - corner
  const [a, b, c] = [Math.abs(guess - left), Math.abs(guess - up), Math.abs(guess - corner)]
  if (a <= b && a <= c) return left
  return b <= c ? up : corner
}

function chunk(kind: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(kind, 'latin1'), data])
  const framed = Buffer.alloc(body.length + 8)
  framed.writeUInt32BE(data.length, 0)
  framed.set(body, 4)
  framed.writeUInt32BE(crc(body), body.length + 4)
  return framed
}

function crc(bytes: Uint8Array): number {
  let value = 0xffffffff
  for (const byte of bytes) {
    value ^= byte
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1
  }
  return (value ^ 0xffffffff) >>> 0
}
