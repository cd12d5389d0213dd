import { createSocket } from 'node:dgram'

/** What a stand-in of a time server answers; each differs from an honest answer. */
export interface TimeAnswer {
  /** The server's clock minus ours. */
  readonly offsetMs?: number
  readonly mode?: number
  readonly leap?: number
  readonly stratum?: number
  readonly originate?: Buffer
  readonly transmit?: 'nothing'
  readonly bytes?: number
}

const EPOCH_SECONDS = 2_208_988_800

/** Returns a time as NTP writes it. */
function timestamp(ms: number): Buffer {
  const seconds = ms / 1000 + EPOCH_SECONDS
  const buffer = Buffer.alloc(8)
  buffer.writeUInt32BE(Math.floor(seconds) % 2 ** 32, 0)
  buffer.writeUInt32BE(Math.floor((seconds % 1) * 2 ** 32), 4)
  return buffer
}

/** Returns the answer of a time server at a wall time. */
export function timeAnswer(question: Buffer, at: number, answer: TimeAnswer = {}): Buffer {
  const { offsetMs = 0, mode = 4, leap = 0, stratum = 2, originate, transmit, bytes = 48 } = answer
  const packet = Buffer.alloc(48)
  packet[0] = (leap << 6) | (4 << 3) | mode
  packet[1] = stratum
  ;(originate ?? question.subarray(40, 48)).copy(packet, 24)
  timestamp(at + offsetMs).copy(packet, 32)
  if (transmit !== 'nothing') timestamp(at + offsetMs).copy(packet, 40)
  return packet.subarray(0, bytes)
}

/** A time server on loopback; `answer` may change while it runs, and where it is undefined it is silent. */
export async function timeServer(answer?: TimeAnswer) {
  const socket = createSocket('udp4')
  const server = {
    answer,
    questions: [] as Buffer[],
    port: 0,
    now: () => Date.now(),
    close: () => new Promise<void>((resolve) => socket.close(() => resolve())),
  }
  socket.on('message', (question, { port, address }) => {
    server.questions.push(question)
    if (server.answer) socket.send(timeAnswer(question, server.now(), server.answer), port, address)
  })
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve))
  server.port = socket.address().port
  return server
}
