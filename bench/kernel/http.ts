import http from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'

export interface Address {
  readonly port: number
  readonly path: string
}

/** Returns whether a server answers with 200, on a connection of its own. */
export async function answers({ port, path }: Address, timeout = 60_000): Promise<boolean> {
  return (await statusOf({ port, path }, timeout)) === 200
}

/** A server that doesn't answer within the time counts as none. */
function statusOf({ port, path }: Address, timeout: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const request = http.get({ host: '127.0.0.1', port, path, agent: false, timeout }, (response) => {
      response.on('error', () => resolve(undefined))
      response.resume().on('end', () => resolve(response.statusCode))
    })
    request.on('timeout', () => request.destroy())
    request.on('error', () => resolve(undefined))
  })
}

const POLL_MS = 2

/** Waits until a server answers. @throws an Error when that takes longer */
export async function untilAnswers(address: Address, ms = 60_000): Promise<void> {
  const late = performance.now() + ms
  while (!(await answers(address, ms))) {
    if (performance.now() > late) throw new Error(`no answer at ${address.port} within ${ms} ms`)
    await sleep(POLL_MS)
  }
}
