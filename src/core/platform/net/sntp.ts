import { randomBytes } from 'node:crypto'
import { type Clock, within } from '#core/platform/clock.js'

/** The offset of this machine's clock, in milliseconds. */
export interface ClockOffset {
  /** This machine's clock minus the server's: positive where it is ahead. */
  readonly offsetMs: number
  /** The time on the way there and back; the offset is exact to half of it. */
  readonly delayMs: number
}

export const NTP_PORT = 123
const PACKET_BYTES = 48
/** Version 4, mode 3: a client. */
const CLIENT = 0x23
const SERVER_MODE = 4
/** The leap indicator of a server whose own clock is not set. */
const NOT_SET = 3
const LAST_STRATUM = 15
/** Seconds from 1900, where NTP begins, to 1970. */
const EPOCH_SECONDS = 2_208_988_800
const ERA_SECONDS = 2 ** 32
/** An answer that took longer says too little about half a second. */
const LONGEST_DELAY_MS = 1000

/**
 * Asks a time server how far this machine's clock is off (SNTP version 4, RFC 4330).
 * @throws Error with the reason where it can't be told
 */
export async function askTime(
  clock: Clock,
  { host, port }: { readonly host: string; readonly port: number },
  timeoutMs: number,
): Promise<ClockOffset> {
  // what it must send back is random: nobody else can know it, and our clock is nobody's business
  const token = randomBytes(8)
  const packet = Buffer.alloc(PACKET_BYTES)
  packet[0] = CLIENT
  token.copy(packet, 40)
  const { createSocket } = process.getBuiltinModule('node:dgram') // a bot's start must not wait for it
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4')
  try {
    const asked = new Promise<{ answer: Buffer; sentAt: number; delayMs: number }>((resolve, reject) => {
      let sentAt = 0
      let began = 0
      socket.on('error', reject)
      socket.on('message', (answer) => resolve({ answer, sentAt, delayMs: clock.monotonic() - began }))
      // a connected socket takes answers of that server alone
      socket.connect(port, host, () => {
        sentAt = clock.now()
        began = clock.monotonic()
        socket.send(packet, (error) => error && reject(error))
      })
    })
    const found = await within(clock, timeoutMs, asked)
    if (found === undefined) throw new Error(`no answer within ${timeoutMs / 1000} s`)
    const offset = parseTimeAnswer(found.answer, { token, sentAt: found.sentAt, delayMs: found.delayMs })
    if ('fault' in offset) throw new Error(offset.fault)
    return offset
  } finally {
    socket.close()
  }
}

/** The facts of a request. `sentAt` is wall time, in ms since 1970. */
export interface TimeRequest {
  /** The 8 bytes that were sent as the time of transmission. */
  readonly token: Buffer
  readonly sentAt: number
  /** The time from the request to the answer. */
  readonly delayMs: number
}

/** Reads a server's answer, or returns why it is not to be believed (the checks of RFC 4330, section 5). */
export function parseTimeAnswer(answer: Buffer, request: TimeRequest): ClockOffset | { readonly fault: string } {
  if (answer.length < PACKET_BYTES) return { fault: 'the answer is no time' }
  const [first = 0, stratum = 0] = answer
  if ((first & 7) !== SERVER_MODE) return { fault: 'the answer is not that of a time server' }
  if (!answer.subarray(24, 32).equals(request.token)) return { fault: 'the answer is not to our question' }
  if (stratum === 0) return { fault: 'the server refuses to answer' }
  if (stratum > LAST_STRATUM || first >> 6 === NOT_SET) return { fault: "the server's own clock is not set" }
  if (answer.readBigUInt64BE(40) === 0n) return { fault: 'the answer holds no time' }
  const { sentAt, delayMs: totalMs } = request
  const receivedAt = timeAt(answer, 32, sentAt)
  const answeredAt = timeAt(answer, 40, sentAt)
  const delayMs = totalMs - (answeredAt - receivedAt)
  if (answeredAt < receivedAt || delayMs < -1) return { fault: 'the times of the answer contradict each other' }
  if (delayMs > LONGEST_DELAY_MS) return { fault: `the answer took ${Math.round(delayMs)} ms, too long to tell` }
  const offsetMs = (sentAt - receivedAt + (sentAt + totalMs - answeredAt)) / 2
  return { offsetMs, delayMs: Math.max(0, delayMs) }
}

/** Reads a time, in ms since 1970. Its seconds begin anew every 136 years: the time nearest to ours is meant. */
function timeAt(answer: Buffer, at: number, nearMs: number): number {
  const seconds = answer.readUInt32BE(at) - EPOCH_SECONDS
  const eras = Math.round((nearMs / 1000 - seconds) / ERA_SECONDS)
  return (seconds + eras * ERA_SECONDS + answer.readUInt32BE(at + 4) / ERA_SECONDS) * 1000
}
