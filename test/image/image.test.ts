import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { ROOT } from '../support/e2e/root.js'
import { until } from '../support/e2e/until.js'
import { removeTempFolders, tempFolder } from '../support/temp.js'
import { type Container, Engine } from './engine.js'

/** As isolated as it goes, and as a user without a name: Podman would else give the number a line in /etc/passwd. */
const ISOLATED = [
  ...['--read-only', '--read-only-tmpfs=false', '--cap-drop', 'all', '--security-opt', 'no-new-privileges'],
  ...['--user', '12345', '--passwd=false'],
]
/** A bot that leaves an orphan behind each second. */
const BOT = `BOT_COMMAND='sh -c "while :; do echo working; sh -c \\"sleep 0.1 &\\"; sleep 1; done"'
BOT_LOG_PROOF=working
BOT_CYCLE_SECONDS=1
WATCHDOG_FREEZE_THRESHOLD=4
WATCHDOG_CHECK_INTERVAL=1
SERVICE_RESTART_DELAY=0
BOT_STOP_TIMEOUT=2
`
const MB = 1024 * 1024

describe('the container image', () => {
  let engine: Engine

  before(async function () {
    this.timeout(900_000)
    engine = new Engine()
    await engine.makeStandIn()
    const built = join(engine.folder, 'built')
    execFileSync(process.execPath, [join(ROOT, 'scripts', 'dist', 'image.js'), join(built, 'opt', 'catalyst')])
    const stage = ['--build-context', `build=${built}`, '--build-arg', 'BUILD_BASE=localhost/none']
    engine.build(ROOT, 'catalyst', '--build-arg', 'BASE=localhost/stand-in', ...stage)
  })

  after(async () => {
    await engine.close()
    removeTempFolders()
  })

  /** Volumes for what the home of a container holds, with its settings. */
  function volumes(settings: string): string[] {
    const folder = fs.mkdtempSync(join(engine.folder, 'home-'))
    fs.chmodSync(folder, 0o755)
    fs.writeFileSync(join(folder, '.env'), settings)
    const names = ['state', 'data'].map((name) => `${folder.replace(/.*\//, '')}-${name}`)
    const mounts = [`${folder}/.env:/bot/.env:ro`, `${names[0]}:/bot/.catalyst`, `${names[1]}:/bot/data`]
    return mounts.flatMap((mount) => ['--volume', mount])
  }

  const healthy = (container: Container) => until(() => container.isHealthy(), 60_000)

  it('has a user, an init, a stop signal, a check of health, and no npm', () => {
    const { config } = JSON.parse(engine.run('buildah', ['inspect', '--type', 'image', 'catalyst']).stdout).Docker
    const [size, base] = ['catalyst', 'stand-in'].map((name) => engine.sizeOf(name)) as [number, number]
    console.log(`      ${Math.round(size / MB)} MB, of them ${Math.round((size - base) / MB)} MB beyond the base`)
    expect(config).to.deep.include({ User: '1000:1000', StopSignal: 'SIGTERM', Cmd: ['watchdog', 'run'] })
    expect(config.Entrypoint).to.deep.equal(['/usr/bin/catatonit', '--', 'catalyst'])
    expect(config.Healthcheck.Test).to.deep.equal(['CMD', 'catalyst', 'health', 'check'])
    expect(config.Labels['org.opencontainers.image.title']).to.equal('Catalyst')
    const find = engine.once(
      ['--entrypoint', 'find'],
      'catalyst',
      '/',
      '-xdev',
      '-name',
      'np[mx]*',
      '-not',
      '-path',
      '/proc/*',
    )
    expect(find.stdout).to.equal('')
    expect((size - base) / MB, 'MB beyond the base').to.be.below(250)
  })

  it('runs its bot isolated and nameless, brings it back when it is frozen, reaps its orphans, and ends in time', async () => {
    const bot = engine.start('isolated', [...ISOLATED, '--memory', '256m', ...volumes(BOT)], 'catalyst')
    await healthy(bot)
    expect(bot.logs()).to.match(/watching \/bot, .*; the bot runs as its child(.|\n)* INFO {2}working\n/)
    const doctor = bot.exec('catalyst', 'doctor').stdout
    expect(doctor).to.contain("ok       container   keeps the home's data and state; 256 MB of memory at most")
    expect(doctor.split('\n').filter((line) => line.startsWith('fault'))).to.deep.equal([])

    const botPid = () => JSON.parse(bot.exec('cat', '/bot/.catalyst/state/bot.json').stdout).pid
    const frozen = botPid()
    expect(bot.exec('sh', '-c', `kill -STOP ${frozen}`).code).to.equal(0)
    await until(() => botPid() !== frozen, 60_000)
    await healthy(bot)
    expect(bot.exec('catalyst', 'incident', 'list').stdout).to.contain('silent')

    expect(bot.processes().find(({ pid }) => pid === 1)?.name).to.equal('catatonit')
    await until(() => bot.processes().every(({ state }) => state !== 'Z'))

    const { code, seconds } = bot.stop(10)
    expect(code).to.equal(0)
    expect(seconds).to.be.below(10)
    expect(bot.logs()).to.match(/asked to stop \(SIGTERM\)\n$/)
  })

  it('needs its init: without one node is process 1, which leaves zombies, and doctor says so', async () => {
    const settings = volumes(BOT)
    const bot = engine.start('no-init', ['--entrypoint', 'catalyst', ...settings], 'catalyst', 'watchdog', 'run')
    await healthy(bot)
    await until(() => bot.processes().some(({ state, parent }) => state === 'Z' && parent === 1))
    expect(bot.exec('catalyst', 'doctor').stdout).to.contain('its process 1 is node, which leaves zombies behind')
    expect(bot.stop(10).code).to.equal(0)
  })

  it('passes on exit codes', () => {
    const failing = engine.once(['--env', "BOT_COMMAND=sh -c 'exit 7'"], 'catalyst', 'bot', 'start')
    expect(failing.code, failing.stderr).to.equal(7)
    expect(engine.once(['--env', 'WATCHDOG_ENABLED=0'], 'catalyst').code).to.equal(78)
  })

  it('says that the kernel has killed the bot for lack of memory', async () => {
    const settings = `BOT_COMMAND='sh -c "sleep 2; tail /dev/zero"'\nBOT_PROOF=process\nSERVICE_RESTART_DELAY=1\n`
    const bot = engine.start('hungry', ['--memory', '200m', '--memory-swap', '200m', ...volumes(settings)], 'catalyst')
    await until(
      () => bot.exec('catalyst', 'incident', 'show').stdout.includes('all 200 MB of memory were used up'),
      60_000,
    )
    expect(bot.inspect('{{.State.Status}}')).to.equal('running')
    expect(bot.stop(10).code).to.equal(0)
  })

  it('says what to do where it can not write, and what there is instead of a service', () => {
    const locked = engine.once([...ISOLATED, '--env', 'BOT_COMMAND=sleep 9'], 'catalyst')
    expect(locked.stderr).to.contain("The home /bot can't be written to: EROFS.")
    expect(locked.stderr).to.contain('--volume state:/bot/.catalyst --volume data:/bot/data')
    const install = engine.once([], 'catalyst', 'service', 'install')
    expect(install.stderr).to.contain('A container has no service manager').and.to.contain('catalyst watchdog run')
    const deploy = engine.once([], 'catalyst', 'deploy', 'run', 'v1')
    expect(deploy.stderr).to.contain('Or let the image be the version, and build the next one.')
    const doctor = engine.once(['--env', 'BOT_COMMAND=sleep 9'], 'catalyst', 'doctor')
    expect(doctor.stdout).to.contain('/bot/.catalyst is in the container itself, and lost with it')
    const root = engine.once(['--user', '0', '--env', 'BOT_COMMAND=sleep 9'], 'catalyst')
    expect(root.code).to.equal(77)
    expect(root.stderr).to.contain('docker run --user catalyst').and.to.not.contain('sudo')
  })

  it('gets no secret, no history and no data of the folder that it is built in', () => {
    const folder = tempFolder()
    const files = ['.env', '.env.production', '.git/config', 'data/logs/bot.jsonl', 'node_modules/a/b.js', 'src/.env']
    for (const file of [...files, 'src/main.ts', 'package.json']) {
      fs.mkdirSync(join(folder, file, '..'), { recursive: true })
      fs.writeFileSync(join(folder, file), 'SECRET')
    }
    fs.copyFileSync(join(ROOT, '.dockerignore'), join(folder, '.dockerignore'))
    fs.writeFileSync(join(folder, 'Dockerfile'), 'FROM localhost/stand-in\nCOPY . /seen\n')
    engine.build(folder, 'seen')
    const { stdout } = engine.once(['--entrypoint', 'find'], 'seen', '/seen', '-type', 'f')
    expect(stdout.trim().split('\n').sort()).to.deep.equal(['/seen/package.json', '/seen/src/main.ts'])
  })

  it('lends itself to a bot in Python, as the example does, whose secrets stay outside', async () => {
    const folder = tempFolder()
    const copy = (from: string) => fs.cpSync(join(ROOT, 'examples', from), folder, { recursive: true })
    copy('container')
    copy('python')
    fs.writeFileSync(join(folder, 'requirements.txt'), '')
    fs.writeFileSync(join(folder, '.env'), 'SECRET=1')
    const names = ['CATALYST=localhost/catalyst', 'PYTHON=localhost/stand-in']
    engine.build(folder, 'mybot', ...names.flatMap((one) => ['--build-arg', one]))
    const settings = volumes('INBOX_EVERY_SECONDS=1\n')
    const bot = engine.start('mybot', [...ISOLATED, '--tmpfs', '/tmp', ...settings], 'mybot')
    await healthy(bot)
    expect(bot.stop(10).code).to.equal(0)
    const { stdout } = engine.once(['--entrypoint', 'sh'], 'mybot', '-c', 'cd /bot && find . -type f | sort')
    expect(stdout).to.equal('./bot.py\n./requirements.txt\n')
    expect(engine.podman('history', '--no-trunc', 'localhost/mybot').stdout).to.not.contain('SECRET')
  })

  it('has a compose file that podman-compose understands', () => {
    const folder = tempFolder()
    fs.cpSync(join(ROOT, 'examples', 'container'), folder, { recursive: true })
    fs.writeFileSync(join(folder, '.env'), '') // where it is missing, podman-compose makes a folder in its place
    const compose = join(folder, 'compose.yaml')
    const { code, stdout, stderr } = engine.run('podman-compose', ['--dry-run', '--file', compose, 'up', '--detach'])
    expect(code, stderr).to.equal(0)
    expect(stdout + stderr).to.match(
      /podman run .*--security-opt no-new-privileges:true --read-only .*--cap-drop ALL .*-m 512m/,
    )
  })
})
