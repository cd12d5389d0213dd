import { type ChildProcess, spawn } from 'node:child_process'
import fs from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { assert } from 'chai'
import { rotatedName } from '#core/logging/rotated-name.js'
import { until } from '../support/e2e/until.js'
import { removeTempFolders, tempFolder } from '../support/temp.js'

const BIN = fileURLToPath(new URL('../../bin/run.js', import.meta.url))
const HOUR_MS = 3_600_000

describe('catalyst logs', () => {
  const children = new Set<ChildProcess>()
  let home: string
  let folder: string
  beforeEach(() => {
    home = tempFolder()
    folder = join(home, 'data', 'logs')
    fs.mkdirSync(folder, { recursive: true })
  })
  afterEach(async () => {
    for (const child of children) child.kill('SIGKILL')
    await until(() => children.size === 0)
    removeTempFolders()
  })

  const start = (...args: string[]) => startIn({}, ...args)

  function startIn(more: Record<string, string>, ...args: string[]) {
    const env = { PATH: process.env.PATH, CATALYST_HOME: home, ...more }
    const child = spawn(process.execPath, [BIN, 'logs', ...args], {
      cwd: folder,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    children.add(child)
    const seen = { stdout: '', stderr: '' }
    child.stdout.on('data', (data) => (seen.stdout += data))
    child.stderr.on('data', (data) => (seen.stderr += data))
    const ended = new Promise<typeof seen & { code: number | null }>((resolve) => {
      child.on('close', (code) => {
        children.delete(child)
        resolve({ ...seen, code })
      })
    })
    return { child, seen, ended }
  }
  const run = (...args: string[]) => start(...args).ended

  const line = (hoursAgo: number, msg: string, level = 'info') =>
    `${JSON.stringify({ level, time: new Date(Date.now() - hoursAgo * HOUR_MS).toISOString(), msg })}\n`

  function severalFiles() {
    const name = `${rotatedName('bot.jsonl', Date.now() - 20 * HOUR_MS, 1)}.gz`
    fs.writeFileSync(join(folder, name), gzipSync(line(30, 'first') + line(21, 'second', 'error')))
    fs.writeFileSync(join(folder, 'bot.jsonl'), line(3, 'fourth') + line(1, 'sixth', 'warn'))
    fs.writeFileSync(join(folder, 'watchdog.log'), line(4, 'third') + line(2, 'fifth', 'fatal'))
  }
  const shown = (stdout: string) => stdout.trimEnd().split('\n')
  const words = (stdout: string) => shown(stdout).map((text) => text.split(' ').at(-1))

  it('shows all logs merged by time, as people read them', async () => {
    severalFiles()
    const { stdout, code } = await run()
    assert.equal(code, 0)
    assert.deepEqual(words(stdout), ['first', 'second', 'third', 'fourth', 'fifth', 'sixth'])
    assert.match(shown(stdout)[1] ?? '', /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d ERROR second$/)
  })

  for (const [args, expected] of [
    [
      ['--level', 'warning'],
      ['second', 'fifth', 'sixth'],
    ],
    [
      ['--since', '5h'],
      ['third', 'fourth', 'fifth', 'sixth'],
    ],
    [
      ['--grep', 'FI(RST|FTH)'],
      ['first', 'fifth'],
    ],
    [
      ['-n', '2'],
      ['fifth', 'sixth'],
    ],
    [['--since', '2d', '--level', 'error', '--lines', '1'], ['fifth']],
  ] as const)
    it(`filters by ${args.join(' ')}`, async () => {
      severalFiles()
      assert.deepEqual(words((await run(...args)).stdout), [...expected])
    })

  it('shows the newest 100 lines, or all of a time', async () => {
    fs.writeFileSync(join(folder, 'bot.jsonl'), Array.from({ length: 300 }, (_, n) => line(1, `n${n}`)).join(''))
    assert.deepEqual(words((await run()).stdout).slice(-100), words((await run('--since', '1d')).stdout).slice(200))
  })

  it('gives the lines as they are with --json', async () => {
    severalFiles()
    const { stdout } = await run('--json', '--since', '150m')
    assert.deepEqual(
      shown(stdout).map((text) => JSON.parse(text).msg),
      ['fifth', 'sixth'],
    )
    assert.include(fs.readFileSync(join(folder, 'watchdog.log'), 'utf8'), shown(stdout)[0] as string)
  })

  it('says so on stderr when there is nothing', async () => {
    const { stdout, stderr, code } = await run()
    assert.deepEqual([stdout, code], ['', 0])
    assert.match(stderr, /^Nothing is logged in .* yet\.$/m)
    assert.match((await run('--level', 'error')).stderr, /No lines in .*match/)
  })

  for (const args of [
    ['--level', 'loud'],
    ['--level', 'constructor'],
    ['--since', 'yesterday'],
    ['--grep', '('],
    ['--lines', '-1'],
  ])
    it(`refuses ${args.join(' ')}`, async () => {
      const { stderr, code } = await run(...args)
      assert.equal(code, 2)
      assert.include(stderr, args[0] as string)
    })

  it('follows, and ends in peace when asked to', async () => {
    severalFiles()
    const { child, seen, ended } = start('--follow', '--level', 'warn', '--json')
    await until(() => seen.stdout.includes('sixth'))
    fs.appendFileSync(join(folder, 'bot.jsonl'), line(0, 'unseen') + line(0, 'seventh', 'error'))
    await until(() => seen.stdout.includes('seventh'))
    child.kill('SIGINT')
    const { stdout, code } = await ended
    assert.equal(code, 0)
    assert.deepEqual(
      shown(stdout).map((text) => JSON.parse(text).msg),
      ['second', 'fifth', 'sixth', 'seventh'],
    )
  })

  it('ends without complaint when its reader has had enough', async () => {
    fs.writeFileSync(join(folder, 'bot.jsonl'), Array.from({ length: 30_000 }, (_, n) => line(1, `n${n}`)).join(''))
    const { child, ended } = start('--since', '1d')
    child.stdout.once('data', () => child.stdout.destroy())
    const { stderr, code } = await ended
    assert.deepEqual([stderr, code], ['', 0])
  })

  describe('of all bots', () => {
    /** Makes homes with these names, known to the registry, each with lines of so many hours ago. */
    function homes(named: Readonly<Record<string, readonly number[]>>) {
      const config = tempFolder()
      const folders = Object.entries(named).map(([name, hours]) => {
        const other = tempFolder()
        for (const one of ['.catalyst', 'data/logs']) fs.mkdirSync(join(other, one), { recursive: true })
        fs.writeFileSync(join(other, '.env'), `BOT_NAME=${name.split('#')[0]}\n`)
        const lines = hours.map((ago) => line(ago, `${name}-${ago}`, ago > 2 ? 'info' : 'error')).join('')
        fs.writeFileSync(join(other, 'data', 'logs', 'bot.jsonl'), lines)
        return other
      })
      fs.mkdirSync(join(config, 'catalyst'))
      fs.writeFileSync(join(config, 'catalyst', 'homes.json'), JSON.stringify({ homes: folders }))
      return { folders, env: { XDG_CONFIG_HOME: config } }
    }

    /** Keeps the lines of these bots: others may run on this machine, too. */
    const only = (stdout: string, ...names: string[]) =>
      shown(stdout)
        .filter((text) => names.some((name) => text.startsWith(name) || text.includes(`"bot":"${name}`)))
        .join('\n')

    it('are merged by time, each line with the name of its bot', async () => {
      const { env } = homes({ 'Merged-Long': [5, 3, 1], 'Merged-B': [4, 2] })
      const { stdout, code } = await startIn(env, '--all', '--since', '6h').ended
      assert.equal(code, 0)
      const [long, short] = ['Merged-Long', 'Merged-B']
      const all = [`${long}-5`, `${short}-4`, `${long}-3`, `${short}-2`, `${long}-1`]
      assert.deepEqual(words(only(stdout, 'Merged')), all)
      assert.match(stdout, /^Merged-B {5,}\d{4}-/m)
      const newest = await startIn(env, '--all', '-n', '5000').ended
      assert.deepEqual(words(only(newest.stdout, 'Merged')), all)
      const filtered = await startIn(env, '--all', '--since', '150m', '--level', 'error').ended
      assert.deepEqual(words(only(filtered.stdout, 'Merged')), all.slice(3))
    })

    it('with the same name are told apart by their homes', async () => {
      const { env, folders } = homes({ 'Same#1': [2], 'Same#2': [1] })
      const { stdout } = await startIn(env, '--all', '--since', '3h').ended
      for (const one of folders) assert.include(stdout, `Same (${fs.realpathSync(one)})`)
    })

    it('have the bot and its home in JSON', async () => {
      const { env, folders } = homes({ JsonA: [2], JsonB: [1] })
      fs.appendFileSync(join(folders[1] as string, 'data', 'logs', 'bot.jsonl'), 'no JSON\n')
      const { stdout } = await startIn(env, '--all', '--json', '--since', '3h').ended
      const found = shown(only(stdout, 'Json')).map((text) => JSON.parse(text))
      assert.deepEqual(
        found.map(({ bot, msg }) => [bot, msg]),
        [
          ['JsonA', 'JsonA-2'],
          ['JsonB', 'JsonB-1'],
          ['JsonB', 'no JSON'],
        ],
      )
      assert.equal(found[0].home, fs.realpathSync(folders[0] as string))
    })

    it('are followed, and one that can not be read takes nothing away', async () => {
      const { env, folders } = homes({ FollowA: [2], FollowB: [1] })
      fs.mkdirSync(join(folders[0] as string, 'data', 'logs', 'watchdog.log'))
      const { child, seen, ended } = startIn(env, '--all', '--follow', '--since', '3h')
      await until(() => seen.stdout.includes('FollowB-1'))
      fs.appendFileSync(join(folders[1] as string, 'data', 'logs', 'bot.jsonl'), line(0, 'new'))
      await until(() => /^FollowB +.* new$/m.test(seen.stdout)) // other homes of the machine may say 'new', too
      child.kill('SIGINT')
      const { stdout, stderr, code } = await ended
      assert.equal(code, 0, stderr)
      assert.match(stdout, /^FollowB +.* new$/m)
    })
  })
})
