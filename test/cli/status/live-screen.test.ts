import { EventEmitter } from 'node:events'
import { expect } from 'chai'
import { showLive, type Terminal } from '#cli/status/live-screen.js'
import { FakeClock } from '../../support/fake-clock.js'

/** A terminal that keeps what was written to it. */
class FakeTerminal {
  written = ''
  readonly raw: boolean[] = []
  readonly stdin = Object.assign(new EventEmitter(), {
    isTTY: true,
    setRawMode: (is: boolean) => void this.raw.push(is),
    resume() {},
    pause() {},
  })
  readonly stdout = Object.assign(new EventEmitter(), {
    columns: 80,
    rows: 24,
    write: (text: string) => {
      this.written += text
      return true
    },
  })

  get frames(): string[] {
    return this.written.split('\u001B[?2026h').slice(1)
  }

  asTerminal(): Terminal {
    return this as unknown as Terminal
  }
}

describe('a screen that is refreshed in place', () => {
  const [ENTER, LEAVE] = ['\u001B[?1049h', '\u001B[?1049l']
  let clock: FakeClock
  let terminal: FakeTerminal
  let reads: number

  beforeEach(() => {
    clock = new FakeClock()
    terminal = new FakeTerminal()
    reads = 0
  })

  const view = {
    read: async () => ++reads,
    draw: (seen: number, { columns }: { columns: number }) => [{ text: `seen ${seen}` }, { text: `of ${columns}` }],
  }
  const show = (changes: Partial<typeof view> = {}) =>
    showLive(clock, terminal.asTerminal(), { view: { ...view, ...changes }, intervalMs: 2000 })

  for (const [name, key] of [
    ['q', 'q'],
    ['Ctrl-C', '\u0003'],
  ] as const)
    it(`ends with ${name}, and leaves the terminal as it was`, async () => {
      const shown = show()
      await clock.turn(4100)
      expect(terminal.frames.map((frame) => /seen \d/.exec(frame)?.[0])).to.deep.equal(['seen 1', 'seen 2', 'seen 3'])
      terminal.stdin.emit('data', Buffer.from(`x${key}`))
      await shown
      expect(terminal.written.startsWith(ENTER)).to.equal(true)
      expect(terminal.written.endsWith(LEAVE)).to.equal(true)
      expect(terminal.raw).to.deep.equal([true, false])
      expect(terminal.stdin.listenerCount('data') + terminal.stdout.listenerCount('resize')).to.equal(0)
    })

  it('gives each key to a view with keys of its own, and reads at once where that asks for it', async () => {
    const pressed: string[] = []
    const press = (key: string) => {
      pressed.push(key)
      return key === 'x' ? ('end' as const) : key === 'enter' ? ('read' as const) : ('draw' as const)
    }
    const shown = showLive(clock, terminal.asTerminal(), { view: { ...view, press }, intervalMs: 2000 })
    await clock.turn(0)
    terminal.stdin.emit('data', Buffer.from('q\u001b[A\u001bOB'))
    expect(terminal.frames).to.have.length(4)
    terminal.stdin.emit('data', Buffer.from('\r'))
    await clock.turn(100)
    expect(terminal.frames.at(-1)).to.include('seen 2')
    terminal.stdin.emit('data', Buffer.from('xy'))
    await shown
    expect(pressed).to.deep.equal(['q', 'up', 'down', 'enter', 'x'])
  })

  it('draws anew what changes between two reads, but not once it has ended', async () => {
    let redraw = () => {}
    const opened = (draw: () => void) => {
      redraw = draw
    }
    const shown = showLive(clock, terminal.asTerminal(), { view: { ...view, opened }, intervalMs: 2000 })
    await clock.turn(0)
    redraw()
    expect(terminal.frames).to.have.length(2)
    terminal.stdin.emit('data', Buffer.from('q'))
    await shown
    redraw()
    expect(terminal.written.endsWith(LEAVE)).to.equal(true)
  })

  it('ends with a signal', async () => {
    const shown = show()
    await clock.turn(0)
    process.emit('SIGTERM')
    await shown
    expect(terminal.written.endsWith(LEAVE)).to.equal(true)
    expect(process.listeners('SIGTERM').map(String).join()).to.not.include('end.abort')
  })

  if (process.platform !== 'win32')
    it('draws nothing on the screen of the shell between Ctrl-Z and fg', async () => {
      const { kill } = process
      const signals: unknown[] = []
      const shown = show()
      await clock.turn(0)
      try {
        process.kill = (_pid, signal) => {
          signals.push(signal)
          return true
        }
        process.emit('SIGTSTP')
      } finally {
        process.kill = kill
      }
      expect(signals).to.deep.equal(['SIGSTOP'])
      await clock.turn(4100) // as a timer that was due while it was stopped
      terminal.stdout.emit('resize')
      expect(terminal.written.endsWith(LEAVE)).to.equal(true)
      process.emit('SIGCONT')
      expect(terminal.written.split(LEAVE).at(-1)?.startsWith(`${ENTER}\u001B[?25l`)).to.equal(true)
      expect(terminal.frames.at(-1)).to.include('seen 3')
      terminal.stdin.emit('data', Buffer.from('q'))
      await shown
    })

  it('leaves the terminal as it was after an error', async () => {
    const shown = show({
      read: async () => {
        if (reads > 0) throw new Error('gone')
        return ++reads
      },
    })
    const error = shown.catch((thrown: Error) => thrown.message)
    await clock.turn(2100)
    expect(await error).to.equal('gone')
    expect(terminal.written.endsWith(LEAVE)).to.equal(true)
    expect(terminal.raw).to.deep.equal([true, false])
  })

  it('is drawn anew when the size of the terminal changes, without reading anything', async () => {
    const shown = show()
    await clock.turn(0)
    terminal.stdout.columns = 40
    terminal.stdout.emit('resize')
    expect(terminal.frames.at(-1)).to.include('seen 1').and.include('of 40')
    terminal.stdin.emit('data', Buffer.from('q'))
    await shown
  })

  it('writes over the last frame, and never clears it all: that would flicker', async () => {
    const shown = show()
    await clock.turn(2100)
    expect(terminal.written).to.not.include('\u001B[2J')
    for (const frame of terminal.frames) expect(frame.startsWith('\u001B[H')).to.equal(true)
    terminal.stdin.emit('data', Buffer.from('q'))
    await shown
  })

  it('ends at once while a read gives no answer', async () => {
    const shown = show({ read: () => (reads++ === 0 ? Promise.resolve(1) : new Promise<number>(() => {})) })
    await clock.turn(2100)
    terminal.stdin.emit('data', Buffer.from('q'))
    await shown
  })
})
