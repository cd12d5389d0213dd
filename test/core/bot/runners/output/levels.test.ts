import { expect } from 'chai'
import { levelOf } from '#core/bot/runners/output/levels.js'

describe("the level of a program's line", () => {
  const levels: [string, 'stdout' | 'stderr', string][] = [
    ['hello', 'stdout', 'info'],
    ['hello', 'stderr', 'warn'],
    ['2026-01-01 10:00:00 INFO started', 'stderr', 'info'],
    ['2026-01-01 ERROR no prices', 'stdout', 'error'],
    ['WARNING:root:slow', 'stderr', 'warn'],
    ['[CRITICAL] gone', 'stderr', 'fatal'],
    ['DEBUG x', 'stdout', 'debug'],
    ['INFORMATION', 'stdout', 'info'],
    [`${'x '.repeat(40)}ERROR far away`, 'stdout', 'info'],
    ['no error here', 'stdout', 'info'],
    ['INFO no ERROR was found', 'stdout', 'info'],
    ['{"level":50,"time":1,"msg":"of pino"}', 'stdout', 'error'],
    ['{"event":"of structlog","level":"warning"}', 'stdout', 'warn'],
    ['{"message":"of Python","levelname":"CRITICAL"}', 'stdout', 'fatal'],
    ['{"n":1}', 'stdout', 'info'],
    ['{ broken ERROR', 'stdout', 'error'],
    ['time=12:00 level=error msg="of logrus"', 'stderr', 'error'],
  ]
  for (const [line, stream, level] of levels)
    it(`is ${level}: ${line.slice(0, 50)} on ${stream}`, () => expect(levelOf(line, stream)).to.equal(level))
})
