import { expect } from 'chai'
import { connectionsOf, parseSockets } from '#core/bot/signs/sockets.js'

/** What ss 6.1 of Debian printed, shortened. */
const LINES = `ESTAB  0      0          127.0.0.1:54433      127.0.0.1:34052 ino:301161 sk:184 cgroup:/ <-> ts sack cubic bytes_sent:5 bytes_acked:5
ESTAB  5      0          127.0.0.1:34052      127.0.0.1:54433 uid:1000 ino:301160 sk:264 <-> ts sack bytes_acked:1 bytes_received:5
ESTAB  0      0      10.0.0.2%eth0:41000     192.0.2.7:443 timer:(keepalive,9.2sec,0) ino:301170 sk:3 <-> bytes_received:70213
ESTAB  0      0      [2001:db8::2]:6697   [2001:db8::1]:41002 ino:301171 sk:4 <-> bytes_received:12
ESTAB  9      0          127.0.0.1:8080       127.0.0.1:50000 ino:0 sk:5 <-> bytes_received:9
LISTEN 0      128             [::]:6697            [::]:*     ino:301172 sk:6 <-> cubic
`

describe('what ss tells of connections', () => {
  const all = new Set([301160, 301161, 301170, 301171, 301172])
  const none = { unreadBytes: 0, isInbound: false }

  it('is parsed by name, whatever stands between', () => {
    expect(connectionsOf(parseSockets(LINES), new Set([301160, 301170]))).to.deep.equal([
      { inode: 301160, local: '127.0.0.1:34052', peer: '127.0.0.1:54433', ...none, unreadBytes: 5, receivedBytes: 5 },
      { inode: 301170, local: '10.0.0.2%eth0:41000', peer: '192.0.2.7:443', ...none, receivedBytes: 70213 },
    ])
  })

  it('leaves out what is no connection', () => {
    expect(parseSockets('')).to.deep.equal([])
    expect(parseSockets('Cannot open netlink socket: Permission denied\n\n  x y z\n')).to.deep.equal([])
  })

  it('tells the connections that others have made, by the ports that the program listens on', () => {
    const inbound = connectionsOf(parseSockets(LINES), all).filter(({ isInbound }) => isInbound)
    expect(inbound.map(({ inode }) => inode)).to.deep.equal([301171])
  })

  it('leaves out the connections of other programs, and those among the processes themselves', () => {
    const inodes = (own: Iterable<number>) => connectionsOf(parseSockets(LINES), new Set(own)).map(({ inode }) => inode)
    expect(inodes([301160, 301161, 301170])).to.deep.equal([301170])
    expect(inodes([301160])).to.deep.equal([301160])
  })
})
