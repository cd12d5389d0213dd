import { expect } from 'chai'
import { homeOfPlist, labelOf, launchdPlist } from '#core/service/launchd/launchd-plist.js'
import { type PlistValue, readPlist, unfitForPlist } from '#core/service/launchd/property-list.js'
import { aServiceSpec } from '../../../support/builders/service-spec.js'

const spec = aServiceSpec({
  home: '/Users/ann/bot',
  program: '/opt/homebrew/bin/node',
  args: ['/opt/homebrew/lib/node_modules/catalyst-bot/bin/run.js', 'bot', 'start', '--home', '/Users/ann/bot'],
  environment: { PATH: '/opt/homebrew/bin:/usr/bin:/bin', CATALYST_SERVICE: 'NewsBot' },
  account: 'ann',
})

/** The keys of launchd.plist(5), macOS 15, that are of use to a program of one's own, with the type of their values. */
const DOCUMENTED: Readonly<Record<string, string>> = {
  Label: 'string',
  UserName: 'string',
  GroupName: 'string',
  LimitLoadToSessionType: 'string',
  Program: 'string',
  ProgramArguments: 'array of strings',
  EnableTransactions: 'boolean',
  KeepAlive: 'boolean',
  RunAtLoad: 'boolean',
  RootDirectory: 'string',
  WorkingDirectory: 'string',
  EnvironmentVariables: 'dictionary of strings',
  Umask: 'integer',
  ExitTimeOut: 'integer',
  ThrottleInterval: 'integer',
  InitGroups: 'boolean',
  StartOnMount: 'boolean',
  StartInterval: 'integer',
  StandardInPath: 'string',
  StandardOutPath: 'string',
  StandardErrorPath: 'string',
  Nice: 'integer',
  ProcessType: 'string',
  AbandonProcessGroup: 'boolean',
  LowPriorityIO: 'boolean',
  LaunchOnlyOnce: 'boolean',
  SessionCreate: 'boolean',
}

/** The type of a top key's value, by the element that it is written as. */
function typesIn(text: string): Record<string, string> {
  const entries = [...text.matchAll(/^ {2}<key>(\w+)<\/key> <(\w+)(\/?)>/gm)]
  const names: Record<string, string> = { true: 'boolean', false: 'boolean', array: 'array of strings' }
  return Object.fromEntries(
    entries.map(([, key, element]) => [
      key,
      names[element as string] ?? element?.replace('dict', 'dictionary of strings'),
    ]),
  )
}

function read(text: string): Record<string, PlistValue> {
  return { ...(readPlist(text) as Record<string, PlistValue>) }
}

describe('the property list for launchd', () => {
  it('holds the whole definition', () => {
    const { EnvironmentVariables, ...rest } = read(launchdPlist(spec, 'system'))
    expect({ ...(EnvironmentVariables as object) }).to.deep.equal(spec.environment)
    expect(rest).to.deep.equal({
      Label: 'catalyst.NewsBot',
      ProgramArguments: [spec.program, ...spec.args],
      WorkingDirectory: spec.home,
      UserName: 'ann',
      RunAtLoad: true,
      KeepAlive: true,
      ThrottleInterval: '10',
      ExitTimeOut: '30',
      AbandonProcessGroup: false,
    })
  })

  it('makes root open no log in the home: a daemon opens them itself', () => {
    expect(read(launchdPlist(spec, 'system'))).to.not.have.any.keys('StandardOutPath', 'StandardErrorPath')
    const agent = read(launchdPlist(spec, 'user'))
    expect(agent).to.include({ StandardOutPath: spec.stdout, StandardErrorPath: spec.stderr })
  })

  it("uses only keys of Apple's manual, and the types that it gives them", () => {
    const types = { ...typesIn(launchdPlist(spec, 'system')), ...typesIn(launchdPlist(spec, 'user')) }
    expect(Object.keys(types)).to.have.length(12)
    for (const [key, type] of Object.entries(types)) expect(type, key).to.equal(DOCUMENTED[key])
  })

  it('names a user for a daemon alone', () => {
    expect(read(launchdPlist(spec, 'user'))).to.not.have.property('UserName')
    expect(read(launchdPlist({ ...spec, account: undefined }, 'system'))).to.not.have.property('UserName')
  })

  it('rounds up to whole seconds, never 0', () => {
    const seconds = (ms: number) => {
      const { ThrottleInterval, ExitTimeOut } = read(
        launchdPlist({ ...spec, restartDelayMs: ms, stopTimeoutMs: ms }, 'user'),
      )
      expect(ThrottleInterval).to.equal(ExitTimeOut)
      return Number(ThrottleInterval)
    }
    expect([0, 1, 1000, 1001, 30_500].map(seconds)).to.deep.equal([1, 1, 1, 2, 31])
  })

  it('keeps every character of a path', () => {
    const home = `/Users/ann/ a & b <c> "d" 'e' %h $HOME \\n é 漢 😀 ]]> &amp; `
    const text = launchdPlist({ ...spec, home, args: ['--home', home] }, 'user')
    expect(read(text)).to.deep.include({ WorkingDirectory: home, ProgramArguments: [spec.program, '--home', home] })
    expect(homeOfPlist(text, 'catalyst.NewsBot')).to.equal(home)
  })

  it('puts a key and its value on one line, so that a comparison by lines shows a changed switch', () => {
    const lines = launchdPlist(spec, 'user').split('\n')
    expect(lines).to.include.members(['  <key>KeepAlive</key> <true/>', '  <key>AbandonProcessGroup</key> <false/>'])
    expect(new Set(lines.filter((line) => line.includes('<key>'))).size).to.equal(
      lines.filter((line) => line.includes('<key>')).length,
    )
  })
})

describe('the home of a property list', () => {
  const text = launchdPlist(spec, 'user')

  it('is read from its variable and its folder', () => {
    expect(homeOfPlist(text, labelOf('NewsBot'))).to.equal('/Users/ann/bot')
  })

  it('is unknown without that variable, for another label, or without a folder', () => {
    expect(homeOfPlist(text.replace('CATALYST_SERVICE', 'OTHER'), labelOf('NewsBot'))).to.equal(undefined)
    expect(homeOfPlist(text, labelOf('newsbot'))).to.equal(undefined)
    expect(homeOfPlist(text.replace('WorkingDirectory', 'RootDirectory'), labelOf('NewsBot'))).to.equal(undefined)
  })

  for (const [what, broken] of Object.entries({
    'an empty file': '',
    'one that was cut off': text.slice(0, -30),
    'one with a bare &': text.replace('PATH', 'A & B'),
    'a binary one': 'bplist00\xd2\x01\x02',
    'a list of something else': '<plist version="1.0"><array><string>x</string></array></plist>',
    'a bare string': '<plist version="1.0"><string>CATALYST_SERVICE</string></plist>',
    'a variable that is no string': text.replace(/(CATALYST_SERVICE<\/key>) <string>.*<\/string>/, '$1 <true/>'),
  })) {
    it(`is nobody's of ours: ${what}`, () => {
      expect(broken).to.not.equal(text)
      expect(homeOfPlist(broken, labelOf('NewsBot'))).to.equal(undefined)
    })
  }

  it("is read as other tools write it: plutil's line breaks, an empty string, dates, CDATA, a comment", () => {
    const other = `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
\t<key>EnvironmentVariables</key>
\t<dict>
\t\t<key>EMPTY</key>
\t\t<string></string>
\t\t<key>CATALYST_SERVICE</key>
\t\t<string>NewsBot</string>
\t</dict>
\t<!-- mine -->
\t<key>Made</key>
\t<date>2026-11-24T12:00:00Z</date>
\t<key>__proto__</key>
\t<dict/>
\t<key>Label</key>
\t<string>catalyst.NewsBot</string>
\t<key>WorkingDirectory</key>
\t<string><![CDATA[/Users/ann/a & b]]></string>
</dict>
</plist>
`
    expect(homeOfPlist(other, labelOf('NewsBot'))).to.equal('/Users/ann/a & b')
  })
})

describe('the content of a property list', () => {
  it('can be everything but control characters', () => {
    expect(["/Users/ann/é & < ' %", '/a b '].filter(unfitForPlist)).to.deep.equal([])
    expect(['/a\nb', '/a\rb', '/a\0b', '/a\x1bb', '/a\tb'].filter(unfitForPlist)).to.have.length(5)
  })
})
