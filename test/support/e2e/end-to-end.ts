import type { ChildProcess } from 'node:child_process'
import fs from 'node:fs'
import type http from 'node:http'
import os from 'node:os'
import { join } from 'node:path'
import { removeFolder } from '../temp.js'
import { Home } from './home.js'
import { type Environment, NODE, runner } from './process.js'
import { listen, type TestServer } from './server.js'
import { endAll } from './still-running.js'
import { PATIENCE_MS } from './until.js'

/** A bot that does nothing, quickly. */
const IDLE_MODULE = "export default { name: 'idle', cycle() {} }"

/**
 * Returns the means of one test file: call it once inside `describe`. After each test all that was started is ended,
 * what it left behind too, and all folders are removed.
 */
export function endToEnd() {
  const children = new Set<ChildProcess>()
  const run = runner(children)
  const folders: string[] = []
  const openThings: (() => unknown)[] = []

  beforeEach(function () {
    this.currentTest?.timeout(PATIENCE_MS * 3) // whoever waits for something in vain still gets to say for what
  })

  afterEach(async function () {
    this.timeout(PATIENCE_MS * 1.5)
    for (const close of openThings.splice(0)) await close()
    await endAll(children, folders)
    for (const folder of folders.splice(0)) removeFolder(folder)
  })

  function emptyHome(settings: Environment = {}): Home {
    const folder = fs.mkdtempSync(join(fs.realpathSync(os.tmpdir()), 'catalyst-e2e-'))
    folders.push(folder)
    const home = new Home(folder, run)
    home.writeSettings({ HEALTH_CHECK_PORT: '0', ...settings })
    return home
  }

  return {
    /** Makes a home with these settings in its `.env` and nothing else. The endpoint's port is any free one. */
    home: emptyHome,
    /** Makes a home whose bot is this module; ten cycles a second. */
    moduleHome(code = IDLE_MODULE, settings: Environment = {}): Home {
      const home = emptyHome({ BOT_MODULE: 'bot.mjs', BOT_CYCLE_SECONDS: '0.1', ...settings })
      home.write('bot.mjs', code)
      return home
    },
    /** Makes a home whose bot is this program, for Node. */
    programHome(code: string, settings: Environment = {}): Home {
      const home = emptyHome({ BOT_COMMAND: `${NODE} program.mjs`, ...settings })
      home.write('program.mjs', code)
      return home
    },
    run,
    /** Calls it after the test. */
    closeLater(close: () => unknown): void {
      openThings.push(close)
    },
    /** Starts an HTTP server of the test's own on a free loopback port. */
    async serve(handler: http.RequestListener, port?: number): Promise<TestServer> {
      const server = await listen(handler, port)
      openThings.push(server.close)
      return server
    },
  }
}
