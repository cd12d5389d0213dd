import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import net, { type AddressInfo } from 'node:net'
import { expect } from 'chai'
import { observeProgram } from '#core/bot/signs/observe-program.js'
import type { ProgramObservation } from '#core/bot/signs/signs.js'
import { until } from '../../../support/e2e/until.js'

const ON_LINUX = process.platform === 'linux'

/** Connects to the port of its first argument in a child of its own, and reads nothing until it is told to. */
const CLIENT = `
import socket, sys, subprocess, time
if len(sys.argv) > 2:
    subprocess.run([sys.executable, '-c', sys.argv[2], sys.argv[1]])
else:
    s = socket.create_connection(('127.0.0.1', int(sys.argv[1])))
    sys.stdin.readline()
    s.recv(1000)
    time.sleep(60)
`

if (ON_LINUX)
  describe('what the kernel tells of a program', () => {
    let server: net.Server
    let program: ChildProcess
    const accepted: net.Socket[] = []

    beforeEach(async () => {
      server = net.createServer((socket) => void accepted.push(socket)).listen(0, '127.0.0.1')
      await once(server, 'listening')
      const { port } = server.address() as AddressInfo
      // a program that starts the one that is connected
      program = spawn('python3', ['-c', CLIENT, String(port), CLIENT], {
        stdio: ['pipe', 'ignore', 'inherit'],
        detached: true,
      })
      await once(server, 'connection')
    })

    afterEach(async () => {
      process.kill(-(program.pid as number), 'SIGKILL')
      for (const socket of accepted.splice(0)) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    })

    const look = async () => (await observeProgram(program.pid as number)) as ProgramObservation

    it('has the connection of what it has started, and the bytes that wait in it', async () => {
      accepted[0]?.write('hello')
      const connection = await until(async () =>
        (await look()).connections?.find(({ unreadBytes }) => unreadBytes === 5),
      )
      const { port } = server.address() as AddressInfo
      expect(connection).to.include({ peer: `127.0.0.1:${port}`, receivedBytes: 5, isInbound: false })
      program.stdin?.write('\n')
      await until(async () => (await look()).connections?.every(({ unreadBytes }) => unreadBytes === 0))
    })

    it('has its processor time, and tells whether it is stopped', async () => {
      const { isStopped, cpuSeconds } = await look()
      expect(isStopped).to.equal(false)
      expect(cpuSeconds).to.be.at.least(0)
      process.kill(-(program.pid as number), 'SIGSTOP')
      await until(async () => (await look()).isStopped)
    })

    it('is nothing where it has exited', async () => {
      const gone = spawn('true')
      await once(gone, 'exit')
      expect(await observeProgram(gone.pid as number)).to.equal(undefined)
    })
  })
