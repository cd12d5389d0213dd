import { expect } from 'chai'
import fc from 'fast-check'
import { parseEnvFile } from '#core/config/env-file.js'
import { isSecretName } from '#core/config/secrets.js'
import { withSecretsOf } from '#core/deploy/settings/merge-settings.js'

const valuesOf = (text: string) => ({ ...parseEnvFile(text).values })
const secretsOf = (text: string) =>
  Object.fromEntries(Object.entries(valuesOf(text)).filter(([name]) => isSecretName(name)))
const othersOf = (text: string) =>
  Object.fromEntries(Object.entries(valuesOf(text)).filter(([name]) => !isSecretName(name)))

describe("earlier settings with today's secrets", () => {
  it('are the earlier ones, byte for byte, where the secrets are the same', () => {
    const earlier = '\uFEFF# mine\r\nA=1 # one\r\n\r\nexport API_KEY="k"\r\nB=\'2\''
    expect(withSecretsOf(earlier, 'API_KEY=k\nA=9\nC=3\n')).to.equal(earlier)
  })

  it('have the current value of a secret, in its own line', () => {
    expect(withSecretsOf('# keys\nAPI_KEY=old # mine\nA=1\n', 'A=2\nAPI_KEY=new\n')).to.equal(
      '# keys\nAPI_KEY=new\nA=1\n',
    )
  })

  it('have a secret that was added since, and not one that was removed', () => {
    expect(withSecretsOf('A=1\nBOT_TOKEN=t\n# end\n', 'API_KEY=k\n')).to.equal('A=1\n# end\nAPI_KEY=k\n')
  })

  it('have no secret at all where there is none today', () => {
    expect(secretsOf(withSecretsOf('A=1\nAPI_KEY=k\nDB_PASSWORD="a\nb"\n', ''))).to.deep.equal({})
  })

  it('keep what is no secret, also what only looks like one', () => {
    const earlier = 'KEY_COUNT=1\nTOKENS=2\nMONKEY=3\n'
    expect(withSecretsOf(earlier, 'KEY_COUNT=9\nMONKEY=9\nTOKENS=9\n')).to.equal(earlier)
  })

  it('have the current value of a key of several lines', () => {
    const pem = (text: string) => `-----BEGIN KEY-----\n${text}\n-----END KEY-----`
    const earlier = `A=1\nSIGNING_KEY="${pem('old')}"\n# after\nB=2\n`
    const merged = withSecretsOf(earlier, `SIGNING_KEY='${pem('new')}'\n`)
    expect(valuesOf(merged)).to.deep.equal({ A: '1', B: '2', SIGNING_KEY: pem('new') })
    expect(merged).to.contain('# after\n')
    expect(merged).to.not.contain('old')
  })

  for (const [what, line] of Object.entries({
    'a #': `API_KEY='a # b'`,
    blanks: `API_KEY="  a  "`,
    'a double quote': `API_KEY='a"b'`,
    'a single quote': `API_KEY="a'b"`,
    'both quotes': 'API_KEY=`a"b\'c`',
    'all three quotes': 'API_KEY=a"b\'c`d',
    'a line break as it is escaped': `API_KEY="a\\nb"`,
    'a backslash and an n': `API_KEY='a\\nb'`,
    dollars: `API_KEY='$&$1$$'`,
    'an equals sign': 'API_KEY=a=b==',
    nothing: 'API_KEY=',
    'other letters': 'API_KEY=größe-ｋ-🔑',
  }))
    it(`have a secret with ${what} exactly as it is now`, () => {
      for (const earlier of [
        'A=1\nAPI_KEY=old\nB=2\n',
        'A=1\nB=2',
        'A=1\nAPI_KEY="o\nld"\nB=2\n',
        'API_KEY=old\r\nA=1\r\nB=2\r\n',
      ])
        expect(valuesOf(withSecretsOf(earlier, `${line}\n`))).to.deep.equal({
          A: '1',
          B: '2',
          ...valuesOf(`${line}\n`),
        })
    })

  it("have exactly today's secrets and all else of the earlier ones, whatever the files hold", () => {
    const name = fc.constantFrom('API_KEY', 'BOT_TOKEN', 'DB_PASSWORD', 'DISCORD_WEBHOOK_URL', 'A', 'B', 'BOT_NAME')
    const letter = fc.constantFrom(...'ab \'"`#=$\\n&é,{}'.split(''))
    const plain = fc.string({ unit: letter, maxLength: 8 })
    const many = fc.array(plain, { minLength: 1, maxLength: 3 }).map((lines) => lines.join('\n'))
    const quoted = fc
      .tuple(fc.constantFrom('"', "'", '`'), many)
      .map(([quote, text]) => quote + text.replaceAll(quote, '') + quote)
    const setting = fc
      .tuple(fc.constantFrom('', 'export ', '  '), name, fc.constantFrom('=', ' = '), fc.oneof(plain, quoted))
      .map((parts) => parts.join(''))
    const line = fc.oneof({ weight: 5, arbitrary: setting }, fc.constantFrom('', '# API_KEY=no', '# a note'))
    const file = fc
      .tuple(fc.array(line, { maxLength: 8 }), fc.constantFrom('\n', '\r\n'), fc.boolean())
      .map(([lines, newline, ends]) => lines.join('\n').replaceAll('\n', newline) + (ends ? newline : ''))
      .filter((text) => parseEnvFile(text).faults.length === 0)
    fc.assert(
      fc.property(file, file, (earlier, today) => {
        const merged = withSecretsOf(earlier, today)
        expect(othersOf(merged)).to.deep.equal(othersOf(earlier))
        // one that is gone may stay as an emptied line, which means 'not set'
        const set = (text: string) => Object.entries(secretsOf(text)).filter(([, value]) => value !== '')
        expect(Object.fromEntries(set(merged))).to.deep.equal(Object.fromEntries(set(today)))
        expect(parseEnvFile(merged).faults).to.deep.equal([])
      }),
      { numRuns: 1500 },
    )
  })
})
