import fs from 'node:fs'
import { expect } from 'chai'
import { commandLine } from '#core/config/command-words.js'
import type { Pm2App } from '#core/init/pm2/pm2-app.js'
import { appsIn, readPm2Apps } from '#core/init/pm2/read-apps.js'
import { takeOver } from '#core/init/pm2/take-over.js'
import { fromEcosystem } from '#core/init/sources/ecosystem.js'
import { aBotFolder } from '../../../support/builders/bot-files.js'
import { failureOf } from '../../../support/failure.js'

/** Written by pm2 6.0.14 (`pm2 save`, `pm2 jlist`) for the apps of `ecosystem.txt`, with other paths and names of people. */
const fixture = (name: string) => fs.readFileSync(new URL(`../../../fixtures/pm2/${name}`, import.meta.url), 'utf8')

describe("an app of pm2's that is taken over", () => {
  for (const list of ['dump.pm2.json', 'jlist.json'])
    describe(`from ${list}`, () => {
      const apps = appsIn(fixture(list), '/home/ann/.pm2') as Pm2App[]
      const taken = (name: string, folder: string) =>
        takeOver(apps.find((app) => app.name === name) as Pm2App, aBotFolder({}, { folder }))

      it('has its script, arguments, interpreter flags, environment and limits', () => {
        const { words, settings, isElsewhere } = taken('tele', '/srv/bots/bot')
        expect(words).to.deep.equal(['node', '--max-old-space-size=256', 'index.js', '--loop', 'two words'])
        expect(settings).to.deep.equal({
          BOT_NAME: 'tele',
          NODE_ENV: 'production',
          BOT_TOKEN: '123456:ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghi',
          BOT_STOP_SIGNAL: 'SIGINT',
          BOT_MAX_RSS_MB: '300',
          BOT_STOP_TIMEOUT: '5',
          SERVICE_RESTART_DELAY: '3',
        })
        expect(isElsewhere).to.equal(false)
      })

      it('says what is left out, where the old logs are, and what has no counterpart', () => {
        const notes = taken('tele', '/srv/bots/bot').notes.join('\n')
        expect(notes)
          .to.match(/^Left out, as the terminal's own: .*PATH/m)
          .and.to.match(/the old one stays: \/srv\/bots\/bot\/out\.log, \/srv\/bots\/bot\/err\.log/)
          .and.to.match(/No counterpart: cron_restart; .*0 4 \* \* \* catalyst service restart --home \/srv\/bots\/bot/)
          .and.not.to.contain('ABCDEFGH')
      })

      it('runs in Python, and says so of watch', () => {
        const { words, settings, notes } = taken('pyb', '/srv/bots/py')
        expect(words).to.deep.equal(['python3', 'bot.py'])
        expect(settings.LEVEL).to.equal('a # b')
        expect(notes.join('\n')).to.match(/No counterpart: watch;/)
      })

      it('says so of cluster mode and wait_ready', () => {
        expect(taken('web', '/srv/bots/bot').notes.join('\n'))
          .to.match(/No counterpart: cluster mode with 2 instances; one process runs/)
          .and.to.match(/No counterpart: wait_ready/)
      })

      it('is a program where it has no interpreter', () => {
        expect(taken('bin', '/srv/bots').words).to.deep.equal(['/bin/sleep', '1000'])
      })

      it('goes on to run in its own folder where the home is another one', () => {
        const { words, isElsewhere } = taken('tele', '/srv/home')
        expect(isElsewhere).to.equal(true)
        expect(commandLine(words)).to.match(/^sh -c 'cd \/srv\/bots\/bot && exec node .*\/srv\/bots\/bot\/index\.js/)
      })
    })

  it('is read from the ecosystem file as pm2 reads it, without running that', () => {
    const apps = fromEcosystem(aBotFolder({ 'ecosystem.config.js': fixture('ecosystem.txt') }, { folder: '/srv/bots' }))
    const lines = apps.map((app) => ('words' in app ? commandLine(app.words) : app.why))
    expect(lines).to.deep.equal([
      `sh -c 'cd /srv/bots/bot && exec node --max-old-space-size=256 /srv/bots/bot/index.js --loop '"'"'two words'"'"`,
      "sh -c 'cd /srv/bots/py && exec python3 /srv/bots/py/bot.py'",
      "sh -c 'cd /srv/bots/bot && exec node /srv/bots/bot/index.js'",
      '/bin/sleep 1000',
    ])
  })

  it('is found behind the remarks that pm2 prints before its list', () => {
    expect(appsIn(`\n>>>> In-memory PM2 is out-of-date\n${fixture('jlist.json')}`, '/')).to.have.length(4)
  })

  it('is not found in what is no list, and the error says how to get one', async () => {
    expect(appsIn('{}', '/')).to.equal(undefined)
    expect(appsIn('[1, null, "x"]', '/')).to.deep.equal([])
    const error = await failureOf((async () => readPm2Apps('/nowhere/dump.pm2'))())
    expect(error).to.include({ code: 'PM2_LIST_MISSING', exit: 2 })
  })

  it('names the variables that .env can not have', () => {
    const [app] = appsIn('[{"name":"a","script":"a.js","env":{"A-B":"1","A.B":"2","C":"3"}}]', '/srv/bot') as [Pm2App]
    const { settings, notes } = takeOver(app, aBotFolder({}))
    expect(settings).to.include({ 'A.B': '2', C: '3' })
    expect(notes).to.deep.equal(['Left out, since .env has no such names: A-B'])
  })

  it('leads to the Task Scheduler on Windows, which has no crontab', () => {
    const [app] = appsIn('[{"name":"a","script":"a.js","cron_restart":"0 4 * * *"}]', '/srv/bot') as [Pm2App]
    expect(takeOver(app, aBotFolder({}, { platform: 'win32' })).notes).to.deep.equal([
      'No counterpart: cron_restart (0 4 * * *); in the Task Scheduler: catalyst service restart --home /srv/bot',
    ])
  })

  it('says that a folder is no list', () => {
    expect(() => readPm2Apps('/')).to.throw("/ is a folder, and no list of pm2's apps.")
  })

  it('runs what the script of a package manager is, and a program of PATH by its name', () => {
    const files = { 'package.json': '{"scripts":{"start":"node bot.js"}}' }
    const wordsOf = (fields: object) => {
      const [found] = fromEcosystem(aBotFolder({ ...files, 'pm2.json': JSON.stringify({ apps: [fields] }) }))
      return found && 'words' in found ? commandLine(found.words) : undefined
    }
    expect(wordsOf({ script: 'npm', args: 'start' })).to.equal('node bot.js')
    expect(wordsOf({ script: '/usr/lib/node_modules/npm/bin/npm-cli.js', args: 'run start' })).to.equal('node bot.js')
    expect(wordsOf({ script: 'npm', args: 'run nothing' })).to.equal('npm run nothing')
    expect(wordsOf({ script: 'deno', args: 'run bot.ts' })).to.equal('deno run bot.ts')
  })
})
