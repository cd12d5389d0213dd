import { spawn } from 'node:child_process'
import fs from 'node:fs'
import net from 'node:net'
import { join } from 'node:path'
import { freePort } from '../../support/e2e/server.js'
import { until } from '../../support/e2e/until.js'
import { tempFolder } from '../../support/temp.js'
import type { FaultyServer } from './faulty-server.js'

/** Debian's ngircd, which pings a client each second or two. */
export async function ircServer(host: string): Promise<FaultyServer> {
  const folder = tempFolder()
  const port = await freePort(host)
  const config = join(folder, 'ngircd.conf')
  fs.writeFileSync(
    config,
    `[Global]
Name = irc.example.net
Info = a server for tests
AdminEMail = admin@example.net
Listen = ${host}
Ports = ${port}
ServerUID = irc
ServerGID = irc
[Limits]
PingTimeout = 1
PongTimeout = 60
[Options]
DNS = no
Ident = no
PAM = no
`,
  )
  fs.chmodSync(folder, 0o755)
  const server = spawn('ngircd', ['--nodaemon', '--config', config], { stdio: 'ignore' })
  const gone = new Promise<void>((resolve) => server.once('exit', () => resolve()))
  await until(() => canConnect(host, port))
  return {
    address: `${host}:${port}`,
    fallSilent: () => void server.kill('SIGSTOP'),
    end: () => {
      server.kill('SIGKILL')
      return gone
    },
  }
}

/** The settings of a limnoria in this folder, which connects to a server. */
export function limnoriaConfig(folder: string, address: string): string {
  return `supybot.nick: bot
supybot.ident: bot
supybot.user: a bot
supybot.networks: test
supybot.networks.test.servers: ${address}
supybot.networks.test.ssl: False
supybot.log.stdout: True
supybot.log.level: INFO
supybot.plugins: Misc
supybot.plugins.Misc: True
supybot.directories.data: ${folder}/limnoria
supybot.directories.conf: ${folder}/limnoria
supybot.directories.log: ${folder}/limnoria
supybot.directories.backup: /dev/null
`
}

function canConnect(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(port, host)
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}
