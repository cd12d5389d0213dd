import { expect } from 'chai'
import { withoutPaths } from '#core/health/page/without-paths.js'

describe('a text without paths of the machine', () => {
  for (const [text, clean] of [
    [
      "ENOSPC: no space left, write '/home/mara/bots/news/data/logs/bot.jsonl'",
      "ENOSPC: no space left, write '<home>/data/logs/bot.jsonl'",
    ],
    ['can not read /etc/ssl/private/key.pem', 'can not read …/key.pem'],
    ['at file:///srv/app/bot.mjs:12:3', 'at …/bot.mjs:12:3'],
    ['(/usr/lib/python3/site-packages/x.py)', '(…/x.py)'],
    ['path=/var/lib/x/y, mode=1', 'path=…/y, mode=1'],
    ['C:\\Users\\mara\\bot\\app.exe failed', '…/app.exe failed'],
    ['"C:/Program/bot.exe"', '"…/bot.exe"'],
    ['\\\\server\\share\\bot.log is gone', '…/bot.log is gone'],
    ['~/bots/x.log', '…/x.log'],
    ['no answer from https://feeds.example/a/b/c.xml', 'no answer from https://feeds.example/a/b/c.xml'],
    ['3/4 of 10 messages/min', '3/4 of 10 messages/min'],
    ['see /health/ping', 'see …/ping'],
  ] as const)
    it(`leaves of: ${text}`, () => expect(withoutPaths(text, '/home/mara/bots/news')).to.equal(clean))

  it('names the home also where its path has a space', () => {
    expect(withoutPaths('C:\\My bots\\news\\.env is locked', 'C:\\My bots\\news')).to.equal('<home>\\.env is locked')
  })

  it('takes linear time', () => {
    const long = '/a'.repeat(50_000)
    const began = performance.now()
    withoutPaths(`${long} ${'/'.repeat(50_000)} ${'a/'.repeat(50_000)}`, '/home/x')
    expect(performance.now() - began).to.be.below(1000)
  })
})
