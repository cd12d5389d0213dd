import { execFileSync } from 'node:child_process'

/** A network of a bot's own, with one cable to this machine. */
export interface OwnNetwork {
  readonly name: string
  /** The address of this machine, as the bot sees it. */
  readonly host: string
  /** Pulls the cable: nothing arrives any more, and nobody is told. */
  pullCable(): void
  plugIn(): void
  remove(): void
}

const ip = (...args: string[]) => execFileSync('ip', args, { stdio: ['ignore', 'pipe', 'pipe'] })

/** Makes a network namespace that is connected with this machine alone. */
export function ownNetwork(): OwnNetwork {
  const id = process.pid % 65_536
  const name = `catalyst-${id}`
  const cable = `cat${id}`
  const net = `10.${64 + ((id >> 8) % 64)}.${id & 255}`
  ip('netns', 'add', name)
  ip('link', 'add', cable, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', name)
  ip('addr', 'add', `${net}.1/30`, 'dev', cable)
  ip('link', 'set', cable, 'up')
  ip('-n', name, 'addr', 'add', `${net}.2/30`, 'dev', 'eth0')
  ip('-n', name, 'link', 'set', 'eth0', 'up')
  ip('-n', name, 'link', 'set', 'lo', 'up')
  return {
    name,
    host: `${net}.1`,
    pullCable: () => void ip('link', 'set', cable, 'down'),
    plugIn: () => void ip('link', 'set', cable, 'up'),
    remove: () => void ip('netns', 'del', name),
  }
}
