import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { homeOfPlist, launchdPlist } from '#core/service/launchd/launchd-plist.js'
import { aServiceSpec } from '../support/builders/service-spec.js'
import { tempFolder } from '../support/temp.js'

const HARD = `/Users/ann/ a & b <c> "d" 'e' %h $HOME \`id\` \\n é ñ 漢 😀 ]]> &amp; <!-- --> `

const spec = aServiceSpec({
  home: HARD,
  program: '/opt/homebrew/bin/node',
  args: ['/opt/catalyst & co/bin/run.js', 'bot', 'start', '--home', HARD, ''],
  environment: { PATH: '/opt/homebrew/bin:/usr/bin', CATALYST_SERVICE: 'NewsBot', 'ODD <KEY> & é': HARD },
  account: 'ann',
  watchdogMs: undefined,
})

function python(code: string, ...args: string[]): string {
  return execFileSync('python3', ['-X', 'utf8', '-c', code, ...args], { encoding: 'utf8' })
}

const READ = 'import json, plistlib, sys; print(json.dumps(plistlib.load(open(sys.argv[1], "rb"))))'
const WRITE = 'import json, plistlib, sys; sys.stdout.buffer.write(plistlib.dumps(json.loads(sys.argv[1])))'

describe('e2e: the property list, by the parser of Python', () => {
  it('says all that it is to say, with the right types', () => {
    const path = join(tempFolder(), 'catalyst.NewsBot.plist')
    const all = {
      Label: 'catalyst.NewsBot',
      ProgramArguments: [spec.program, ...spec.args],
      WorkingDirectory: spec.home,
      EnvironmentVariables: spec.environment,
      RunAtLoad: true,
      KeepAlive: true,
      ThrottleInterval: 10,
      ExitTimeOut: 30,
      AbandonProcessGroup: false,
    }
    writeFileSync(path, launchdPlist(spec, 'system'))
    expect(JSON.parse(python(READ, path))).to.deep.equal({ ...all, UserName: 'ann' })
    writeFileSync(path, launchdPlist(spec, 'user'))
    const logs = { StandardOutPath: spec.stdout, StandardErrorPath: spec.stderr }
    expect(JSON.parse(python(READ, path))).to.deep.equal({ ...all, ...logs })
  })

  it('is understood in the form that others give it', () => {
    const { home: WorkingDirectory, environment: EnvironmentVariables } = spec
    const other = python(WRITE, JSON.stringify({ Label: 'catalyst.NewsBot', WorkingDirectory, EnvironmentVariables }))
    expect(homeOfPlist(other, 'catalyst.NewsBot')).to.equal(HARD)
  })
})
