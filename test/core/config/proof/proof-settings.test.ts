import { expect } from 'chai'
import { readConfig } from '#core/config/load.js'

const faults = (env: Record<string, string>) => readConfig('/nowhere', env).faults
const program = (env: Record<string, string>) => faults({ BOT_COMMAND: 'bot', ...env })

describe('the setting of proofs', () => {
  it('takes one or more, in any case and order, each once', () => {
    const { settings } = readConfig('/nowhere', { BOT_PROOF: 'Log, url,log' })
    expect(settings.BOT_PROOF).to.deep.equal(['url', 'log'])
    expect(readConfig('/nowhere', {}).settings.BOT_PROOF).to.deep.equal(['auto'])
  })

  it('names the choices where a word is none', () => {
    const [fault] = faults({ BOT_PROOF: 'url,heartbeat' })
    expect(fault).to.include(
      'must be one or more of auto, cycle, report, url, command, log, file, telegram, network, process, with commas between',
    )
    expect(faults({ BOT_PROOF: ',' })).to.have.length(1)
  })

  it('says which setting a named proof lacks', () => {
    for (const [proof, name] of [
      ['url', 'BOT_HEALTH_URL'],
      ['command', 'BOT_HEALTH_COMMAND'],
      ['log', 'BOT_LOG_PROOF'],
      ['file', 'BOT_PROOF_FILE'],
      ['telegram', 'BOT_TELEGRAM_TOKEN'],
    ])
      expect(program({ BOT_PROOF: `report,${proof}` })).to.deep.equal([
        `BOT_PROOF is report,${proof}, but ${name} is not set: set it, or leave ${proof} out`,
      ])
  })

  it('refuses what would be senseless', () => {
    for (const alone of ['auto', 'process'])
      expect(program({ BOT_PROOF: `${alone},report` })).to.deep.equal([
        `BOT_PROOF names ${alone} beside others: leave it out, or write BOT_PROOF=${alone}`,
      ])
    expect(program({ BOT_PROOF: 'cycle' })[0]).to.include('a program has no cycles')
    expect(faults({ BOT_PROOF: 'log', BOT_LOG_PROOF: 'x' })[0]).to.include('the lines of a module prove nothing')
    expect(program({ BOT_HEALTH_FRESH: 'bot.time' })[0]).to.include('BOT_HEALTH_FRESH must be a path in a JSON answer')
    expect(program({ BOT_HEALTH_COMMAND: 'check "it' })[0]).to.equal(
      `BOT_HEALTH_COMMAND can't be understood: a " is not closed`,
    )
  })

  it('takes only what looks like the token of a Telegram bot, and never repeats it', () => {
    expect(program({ BOT_TELEGRAM_TOKEN: '123456:ABC-def_1' })).to.deep.equal([])
    for (const token of ['swordfish', '1:a/../x', '1:a?b'])
      expect(program({ BOT_TELEGRAM_TOKEN: token }).join())
        .to.include('BOT_TELEGRAM_TOKEN must be a token')
        .and.not.include(token)
  })
})
