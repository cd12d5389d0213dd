import fs from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { endToEnd } from '../support/e2e/end-to-end.js'
import type { Running } from '../support/e2e/process.js'
import { ROOT } from '../support/e2e/root.js'
import { inTerminal } from '../support/e2e/terminal.js'
import { until } from '../support/e2e/until.js'
import { tempFolder } from '../support/temp.js'

const [ENTER, LEAVE] = ['\u001B[?1049h', '\u001B[?1049l']
const FRAME = '\u001B[?2026h'
/** Tells the process of the command, and becomes that. */
const TELLING = ['sh', '-c', 'echo "pid $$."; exec "$0" "$@"']

describe('e2e: ls --watch', () => {
  const { moduleHome, home: emptyHome, run } = endToEnd()

  /** Opens the screen of the homes of two bots, of which one runs. */
  async function opened() {
    const config = tempFolder()
    const [works, down] = [moduleHome(undefined, { BOT_NAME: 'Works' }), moduleHome(undefined, { BOT_NAME: 'Zdown' })]
    await works.healthy()
    fs.mkdirSync(down.path('.catalyst'))
    fs.mkdirSync(join(config, 'catalyst'))
    const homes = [works.folder, down.folder]
    fs.writeFileSync(join(config, 'catalyst', 'homes.json'), JSON.stringify({ homes }))
    const words = [...TELLING, process.execPath, `${ROOT}/bin/run.js`, 'ls', '--watch']
    const { folder } = emptyHome()
    const screen = run('python3', inTerminal(80, words), { folder, stdin: 'pipe', env: { XDG_CONFIG_HOME: config } })
    await until(() => screen.stdout.includes('Works'))
    return { screen, works, down, pid: Number(/pid (\d+)\./.exec(screen.stdout)?.[1]) }
  }

  const shows = (screen: Running, text: string | RegExp) =>
    until(() => {
      const frame = screen.stdout.split(FRAME).at(-1) ?? ''
      return typeof text === 'string' ? frame.includes(text) : text.test(frame)
    })

  async function chosen(screen: Running, name: string): Promise<void> {
    screen.stdin?.write('g\n')
    await new Promise((resolve) => setTimeout(resolve, 200)) // so that no later key comes with it
    for (let press = 0; press < 50; press++) {
      if ((screen.stdout.split(FRAME).at(-1) ?? '').includes(`> ${name}`)) return
      screen.stdin?.write('j\n')
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
    expect.fail(`${name} can't be chosen`)
  }

  it('chooses a home by keys, shows its status and logs, asks before a restart, and leaves all as it was', async () => {
    const { screen, works, down } = await opened()
    await chosen(screen, 'Zdown')
    screen.stdin?.write('\r')
    await shows(screen, `--home ${down.folder}`)
    screen.stdin?.write('l')
    await shows(screen, 'No lines yet')
    screen.stdin?.write('qq')
    await chosen(screen, 'Works')
    screen.stdin?.write('\r')
    await shows(screen, `Works in ${works.folder}`)
    await shows(screen, 'healthy since')
    screen.stdin?.write('l')
    await shows(screen, /INFO .*q back/s)
    screen.stdin?.write('\u0003')
    await shows(screen, 'healthy since')
    screen.stdin?.write('\u001b')
    await shows(screen, '> Works')
    screen.stdin?.write('?')
    await shows(screen, 'Ctrl-Z')
    screen.stdin?.write('x')
    screen.stdin?.write('r')
    await shows(screen, `Restart Works in ${works.folder}? y/n`)
    screen.stdin?.write('n')
    await shows(screen, 'j/k move')
    fs.rmSync(down.folder, { recursive: true })
    await until(() => !(screen.stdout.split(FRAME).at(-1) ?? '').includes('Zdown'))
    screen.stdin?.write('q')
    const { code, stdout } = await screen.result()
    expect(code).to.equal(0)
    expect(stdout.split(ENTER)).to.have.length(2)
    expect(stdout.endsWith(LEAVE)).to.equal(true)
  })

  it('tells why a restart did not work', async () => {
    const { screen } = await opened()
    await chosen(screen, 'Works')
    screen.stdin?.write('r')
    await shows(screen, 'y/n')
    screen.stdin?.write('y')
    await shows(screen, /Works: .*(service|systemd)/s)
    screen.stdin?.write('\u0003')
    expect((await screen.result()).code).to.equal(0)
  })

  it('gives the terminal back while Ctrl-Z has stopped it, and after a signal', async () => {
    const { screen, pid } = await opened()
    screen.stdin?.write('\u001a')
    await until(() => screen.stdout.endsWith(LEAVE))
    await until(() => fs.readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.startsWith('T'))
    process.kill(pid, 'SIGCONT')
    await until(() => screen.stdout.split(ENTER).length === 3)
    await shows(screen, 'Works')
    process.kill(pid, 'SIGTERM')
    const { stdout } = await screen.result()
    expect(stdout.endsWith(LEAVE)).to.equal(true)
  })
})
