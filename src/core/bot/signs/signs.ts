import { type Gaps, isLearned, LEARN_THRESHOLDS, longestOf, NO_GAPS, withGap } from '#core/health/gaps.js'
import { duration } from '#core/text.js'
import type { Connection } from './sockets.js'

/** An observation of a program's processes, from outside. */
export interface ProgramObservation {
  /** Its connections to others; undefined where the system doesn't tell. */
  readonly connections: readonly Connection[] | undefined
  /** The processor time that the processes have used. */
  readonly cpuSeconds: number
  /** True where each of its threads is stopped, as by SIGSTOP. */
  readonly isStopped: boolean
}

/** The rhythm of a program, as it is learned and kept over its restarts. */
export interface Learned {
  /** The gaps in what each peer sends, by its address. */
  readonly peers: Readonly<Record<string, Gaps>>
  /** The times without a connection of its own. */
  readonly connected: Gaps
  /** The times without use of a processor. */
  readonly cpu: Gaps
}

export const NOTHING_LEARNED: Learned = { peers: {}, connected: NO_GAPS, cpu: NO_GAPS }

/** A sign that a program is deaf or stands still. */
export interface Sign {
  readonly kind: 'unread' | 'silent' | 'unconnected' | 'stopped' | 'idle'
  /** Its beginning, on the monotonic clock, in ms. */
  readonly since: number
  readonly text: string
}

export interface SignLimits {
  /** The time for which a sign must last. */
  readonly freezeThresholdMs: number
}

/** The state of watching one run of a program. Times are on the monotonic clock, in ms. */
export interface Watch {
  readonly learned: Learned
  /** Its connections to others, by their inodes; undefined where the system doesn't tell. */
  readonly sockets: ReadonlyMap<number, SeenSocket> | undefined
  /** The last time that something came, by the address of each peer that it is connected to. */
  readonly heardAt: ReadonlyMap<string, number>
  /** The last time that it had a connection of its own. */
  readonly connectedAt: number
  /** The last time that the use of a processor had grown. */
  readonly busyAt: number
  readonly cpuSeconds: number
  readonly stoppedSince: number | undefined
}

interface SeenSocket {
  readonly peer: string
  readonly seenAt: number
  readonly receivedBytes: number
  readonly readBytes: number
  /** The time since when data waits in it of which nothing is read. */
  readonly unreadSince: number | undefined
}

/** {@link LEARN_THRESHOLDS} of the use of processors, and the least time that a gap is remembered: a day, with its quiet hours. */
const DAY_THRESHOLDS = 288
/** The gaps for which a silence must last, besides the freeze threshold. */
const GAPS_TOLERATED = 2
/** The maximum number of peers that are remembered. */
export const MOST_PEERS = 64

export function startWatch(learned: Learned, now: number): Watch {
  return {
    learned,
    sockets: undefined,
    heardAt: new Map(),
    connectedAt: now,
    busyAt: now,
    cpuSeconds: 0,
    stoppedSince: undefined,
  }
}

/** Returns the state after one more observation, with what it teaches. */
export function observe(watch: Watch, observation: ProgramObservation, now: number, limits: SignLimits): Watch {
  const { connections, cpuSeconds, isStopped } = observation
  const windowMs = DAY_THRESHOLDS * limits.freezeThresholdMs
  const learn = (gaps: Gaps, gapMs: number, leastMs = LEARN_THRESHOLDS * limits.freezeThresholdMs) =>
    // one that was a sign may have been a freeze: the next must not be noticed days later for it
    withGap(gaps, isLearned(gaps, leastMs) ? Math.min(gapMs, mostMs(gaps, limits)) : gapMs, windowMs)
  const isBusy = cpuSeconds !== watch.cpuSeconds
  const { cpu, connected, peers } = watch.learned
  const next: Watch = {
    ...watch,
    cpuSeconds,
    stoppedSince: isStopped ? (watch.stoppedSince ?? now) : undefined,
    ...(isBusy && { busyAt: now }),
    learned: { ...watch.learned, cpu: isBusy ? learn(cpu, now - watch.busyAt, windowMs) : cpu },
  }
  if (connections === undefined) return { ...next, sockets: undefined }
  const sockets = new Map(connections.map((one) => [one.inode, seenSocket(one, watch.sockets?.get(one.inode), now)]))
  // nobody has to call a server
  const outbound = connections.filter(({ isInbound }) => !isInbound)
  const heard = heardFrom(outbound, watch)
  const isConnected = outbound.length > 0
  return {
    ...next,
    sockets,
    heardAt: new Map(outbound.map(({ peer }) => [peer, heard.has(peer) ? now : (watch.heardAt.get(peer) ?? now)])),
    ...(isConnected && { connectedAt: now }),
    learned: {
      ...next.learned,
      connected: isConnected ? learn(connected, now - watch.connectedAt) : connected,
      peers: withPeers(peers, heard, (peer) => learn(peers[peer] ?? NO_GAPS, now - (watch.heardAt.get(peer) ?? now))),
    },
  }
}

function seenSocket(connection: Connection, before: SeenSocket | undefined, now: number): SeenSocket {
  const { peer, unreadBytes, receivedBytes } = connection
  const readBytes = receivedBytes - unreadBytes
  const hasWaited = before !== undefined && before.receivedBytes > before.readBytes
  const isStuck = unreadBytes > 0 && hasWaited && before.readBytes === readBytes
  const unreadSince = isStuck ? (before.unreadSince ?? before.seenAt) : undefined
  return { peer, seenAt: now, receivedBytes, readBytes, unreadSince }
}

/** Returns the peers from which something has come on a connection that was there before. */
function heardFrom(connections: readonly Connection[], watch: Watch): ReadonlySet<string> {
  const grown = connections.filter(({ inode, receivedBytes }) => {
    const before = watch.sockets?.get(inode)
    return before !== undefined && receivedBytes > before.receivedBytes
  })
  return new Set(grown.map(({ peer }) => peer))
}

/** Returns the peers with the gaps of those that were heard; the longest unheard go first where they are too many. */
function withPeers(
  peers: Learned['peers'],
  heard: ReadonlySet<string>,
  gapsOf: (peer: string) => Gaps,
): Learned['peers'] {
  if (heard.size === 0) return peers
  const others = Object.entries(peers).filter(([peer]) => !heard.has(peer))
  const all = [...others, ...[...heard].map((peer) => [peer, gapsOf(peer)] as const)]
  return Object.fromEntries(all.slice(-MOST_PEERS))
}

/** Returns the longest silence that is no sign yet. */
function mostMs(gaps: Gaps, { freezeThresholdMs }: SignLimits): number {
  return GAPS_TOLERATED * longestOf(gaps) + freezeThresholdMs
}

/**
 * Returns the signs that have lasted for `lastMs`, the surest first. A silence becomes a sign once it is longer than two
 * of the longest gaps.
 */
export function signsOf(watch: Watch, now: number, limits: SignLimits, lastMs = limits.freezeThresholdMs): Sign[] {
  const { freezeThresholdMs } = limits
  const { learned, sockets, heardAt, connectedAt, busyAt, stoppedSince } = watch
  const isOver = (since: number, gaps: Gaps, leastMs: number) =>
    isLearned(gaps, leastMs) && now - since >= GAPS_TOLERATED * longestOf(gaps) + lastMs
  const forLong = (since: number) => duration(now - since)
  const before = (gaps: Gaps) => `before, at most for ${duration(longestOf(gaps))}`
  const learnMs = LEARN_THRESHOLDS * freezeThresholdMs
  const signs: Sign[] = []

  if (stoppedSince !== undefined && now - stoppedSince >= lastMs)
    signs.push({
      kind: 'stopped',
      since: stoppedSince,
      text: `all its threads have been stopped for ${forLong(stoppedSince)} (SIGSTOP, or a debugger)`,
    })
  for (const { peer, unreadSince } of sockets?.values() ?? [])
    if (unreadSince !== undefined && now - unreadSince >= lastMs)
      signs.push({
        kind: 'unread',
        since: unreadSince,
        text: `data from ${peer} has been waiting for ${forLong(unreadSince)}, and the program reads none of it`,
      })
  for (const [peer, since] of heardAt) {
    const gaps = learned.peers[peer] ?? NO_GAPS
    if (isOver(since, gaps, learnMs))
      signs.push({
        kind: 'silent',
        since,
        text: `nothing has come from ${peer} for ${forLong(since)}; ${before(gaps)}`,
      })
  }
  if (sockets && heardAt.size === 0 && isOver(connectedAt, learned.connected, learnMs))
    signs.push({
      kind: 'unconnected',
      since: connectedAt,
      text: `it has had no connection to anybody for ${forLong(connectedAt)}; ${before(learned.connected)}`,
    })
  if (isOver(busyAt, learned.cpu, DAY_THRESHOLDS * freezeThresholdMs))
    signs.push({
      kind: 'idle',
      since: busyAt,
      text: `it has used no processor time for ${forLong(busyAt)}; ${before(learned.cpu)}`,
    })
  return signs
}
