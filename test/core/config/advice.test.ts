import fs from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { adviceOf } from '#core/config/advice.js'
import { readConfig } from '#core/config/load.js'
import { removeTempFolders, tempFolder } from '../../support/temp.js'

function advice(env: string): string[] {
  const home = tempFolder()
  fs.writeFileSync(join(home, '.env'), env)
  const config = readConfig(home, {})
  expect(config.faults).to.deep.equal([])
  return adviceOf(config)
}

describe('settings that work, but not together', () => {
  afterEach(removeTempFolders)

  for (const [env, words] of [
    ['BOT_MODULE=b.mjs\nBOT_HEALTH_URL=http://127.0.0.1:1/\n', 'BOT_HEALTH_URL is not probed'],
    ['BOT_COMMAND=bot\nBOT_HEALTH_URL=http://127.0.0.1:1/\n', 'any 2xx answer counts, also that of a side thread'],
    ['BOT_COMMAND=bot\nBOT_PROOF=report\nBOT_LOG_PROOF=x\n', 'BOT_LOG_PROOF is not used: BOT_PROOF does not name log'],
    ['BOT_COMMAND=bot\nBOT_PROOF=process\nBOT_TELEGRAM_TOKEN=1:a\n', 'BOT_PROOF does not name telegram'],
    ['BOT_COMMAND=bot\nBOT_HEALTH_FRESH=.time\n', 'are about the answer of BOT_HEALTH_URL'],
    ['BOT_MODULE=b.mjs\nBOT_LOG_ERROR=x\n', 'BOT_LOG_ERROR read the lines of a program'],
    ['BOT_MODULE=b.mjs\nBOT_STOP_SIGNAL=SIGINT\n', 'BOT_STOP_COMMAND and BOT_STOP_SIGNAL are for programs'],
    ['HEALTH_CHECK_HOST=0.0.0.0\n', 'HEALTH_CHECK_HOST lets other machines in'],
    ['WATCHDOG_ENABLED=1\nWATCHDOG_FREEZE_THRESHOLD=30\n', 'Set WATCHDOG_CHECK_INTERVAL=30 or less'],
    ['BOT_MODULE=b.mjs\nBOT_CYCLE_SECONDS=600\nWATCHDOG_FREEZE_THRESHOLD=60\n', 'Set WATCHDOG_FREEZE_THRESHOLD=600'],
    ['WATCHDOG_ENABLED=1\nWATCHDOG_MAX_RESTARTS=0\n', 'nobody would hear of a frozen bot'],
    ['WATCHDOG_ENABLED=1\nMETRICS_FILE=data/bot.txt\n', 'Set METRICS_FILE=data/bot.txt.prom'],
    ['METRICS_FILE=data/bot.prom\n', 'METRICS_FILE is written by the watchdog, which is switched off'],
    ['HEARTBEAT_URL=https://hc-ping.com/x\n', 'HEARTBEAT_URL is called by the watchdog, which is switched off'],
    ['DEPLOY_SHARED_PATHS=.env,models\n', 'Write DEPLOY_SHARED_PATHS=data,.env,models'],
  ] as const)
    it(`get a hint: ${env.replaceAll('\n', ' ')}`, () => {
      expect(advice(env)).to.have.length(1)
      expect(advice(env)[0]).to.include(words)
    })

  for (const env of [
    '',
    'BOT_COMMAND=bot\nBOT_HEALTH_URL=http://127.0.0.1:1/\nBOT_HEALTH_FRESH=.time\n',
    'BOT_COMMAND=bot\nBOT_HEALTH_URL=http://127.0.0.1:1/\nBOT_HEALTH_EXPECT=running\n',
    'BOT_COMMAND=bot\nBOT_HEALTH_URL=http://127.0.0.1:1/\nBOT_LOG_PROOF=heartbeat\n',
    'BOT_MODULE=b.mjs\nBOT_PROOF=url,cycle\nBOT_HEALTH_URL=http://127.0.0.1:1/\n',
    'BOT_COMMAND=bot\nBOT_STOP_SIGNAL=SIGINT\nBOT_STOP_COMMAND=stop\n',
    'HEALTH_CHECK_HOST=0.0.0.0\nHEALTH_TOKEN=abcdefgh\n',
    'HEALTH_CHECK_HOST=0.0.0.0\nHEALTH_CHECK_ENABLED=0\n',
    'WATCHDOG_ENABLED=1\nMETRICS_FILE=/var/lib/prometheus/node-exporter/bot.prom\n',
    'WATCHDOG_ENABLED=1\nWATCHDOG_RESTART_ON_FREEZE=0\nADMIN_ALERT_WEBHOOK=https://example.com/x\n',
  ])
    it(`get none: ${env.replaceAll('\n', ' ') || 'the defaults'}`, () => expect(advice(env)).to.deep.equal([]))
})
