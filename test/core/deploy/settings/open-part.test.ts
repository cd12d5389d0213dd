import { expect } from 'chai'
import fc from 'fast-check'
import { parseEnvFile } from '#core/config/env-file.js'
import { isSecretName } from '#core/config/secrets.js'
import { openPartOf, withOpenPart } from '#core/deploy/settings/open-part.js'

const valuesOf = (text: string) => ({ ...parseEnvFile(text).values })

describe('the open part of sealed settings', () => {
  for (const line of [
    'API_KEY=abc',
    'TELEGRAM_TOKEN=1:a',
    'WALLET_SEED=word',
    'MNEMONIC=apple pear',
    'DB_PASS=x',
    'PIN=1234',
    'ADMIN_USER=me',
    'DATABASE_URL=postgres://me:pw@db/bot',
    'HEALTH_SERVICES=api=https://x.example/?key=abc',
    'BOT_COMMAND=bot --token abc',
    'LOGIN_COOKIE=a',
    'STRANGE=0123456789abcdef0123456789abcdef',
    'RULES="a\nb"',
    'ALERT_EMAIL_SMTP=smtps://user:password@mail.example:465',
    'COPY=s3cret-value\nAPI_KEY=s3cret-value',
  ])
    it(`does not hold ${line.split('=')[0]}: ${line.split('=')[1]?.slice(0, 8)}`, () => {
      const [name = ''] = line.split('=')
      expect(openPartOf(`${line}\n`)[name]).to.equal(null)
    })

  for (const [name, value] of [
    ['STRATEGY', 'aggressive'],
    ['SIGNAL_THRESHOLD', '0.7'],
    ['PAIRS', 'BTC/USD,ETH/USD'],
    ['BOT_COMMAND', '.venv/bin/python -m mybot --verbose'],
    ['ALERT_EMAIL_FROM', 'bot@example.com'],
  ] as const)
    it(`holds ${name}`, () => {
      expect(openPartOf(`${name}=${value}\n`)).to.deep.equal({ [name]: value })
    })

  it('never holds a comment', () => {
    expect(JSON.stringify(openPartOf('# OLD_KEY=abc\nA=1 # pw is abc\n'))).to.equal('{"A":"1"}')
  })
})

describe("today's settings with the open part of earlier ones", () => {
  const restored = (earlier: string, today: string) => withOpenPart(openPartOf(earlier), today)

  it('have the earlier values, and the secrets and comments of today', () => {
    expect(restored('# then\nA=1\nGONE=1\nAPI_KEY=then\n', '# now\nA=2\nAPI_KEY=now\nNEW=1\n')).to.equal(
      '# now\nA=1\nAPI_KEY=now\nGONE=1\n',
    )
  })

  it('keep what belongs to the machine: the next backup must not be plain text', () => {
    const today = 'WATCHDOG_ENABLED=1\nSETTINGS_BACKUP_RECIPIENT=age1x\n'
    expect(restored('WATCHDOG_ENABLED=0\n', today)).to.equal(today)
  })

  it('keep a value that was sealed, and may have changed since', () => {
    expect(restored('ADDRESS=https://me:pw@x.example\n', 'ADDRESS=plain\n')).to.equal('ADDRESS=plain\n')
    expect(restored('ADDRESS=https://me:pw@x.example\n', '')).to.equal('')
  })

  it('put nothing in the place of a value of several lines but the earlier one', () => {
    expect(valuesOf(restored('RULES=a\nB=1\n', 'RULES="x\ny"\nB=2\n'))).to.deep.equal({ RULES: 'a', B: '1' })
  })

  it('have each open value as it was, and each secret as it is, whatever they are', () => {
    const name = fc.constantFrom('A', 'B', 'API_KEY', 'SEED', 'LOG_LEVEL', 'WATCHDOG_ENABLED')
    const value = fc
      .string({ maxLength: 12 })
      .filter((text) => !/[\0\r\uFFFD\uFEFF]/.test(text) && text === text.trim())
    const quoted = (text: string) => (text.includes("'") ? `"${text.replace(/["\\\n]/g, '')}"` : `'${text}'`)
    const settings = fc.dictionary(name, value).map((all) =>
      Object.entries(all)
        .map(([key, one]) => `${key}=${quoted(one)}\n`)
        .join(''),
    )
    fc.assert(
      fc.property(settings, settings, (earlier, today) => {
        const [then, now, after] = [openPartOf(earlier), valuesOf(today), valuesOf(restored(earlier, today))]
        for (const key of new Set([...Object.keys(then), ...Object.keys(now), ...Object.keys(after)])) {
          const stays = isSecretName(key) || key === 'WATCHDOG_ENABLED' || then[key] === null
          expect(after[key] ?? '', key).to.equal((stays ? now[key] : then[key]) ?? '')
        }
      }),
    )
  })
})
