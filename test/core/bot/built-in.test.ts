import { expect } from 'chai'
import { loadFullConfig } from '#bots/config.js'
import { demoConfig } from '#bots/news/demo-config.js'
import { whyNoBot } from '#core/bot/built-in.js'
import { homePaths } from '#core/home/home-paths.js'
import { tempFolder } from '../../support/temp.js'

describe('settings that name no bot', () => {
  const paths = homePaths(tempFolder())
  const why = (environment: Record<string, string>) => whyNoBot(loadFullConfig(paths.home, environment), paths)

  it('are refused with what to set', () => {
    const error = why({ BOT_NAME: 'x', LOG_LEVEL: 'DEBUG' })
    expect(error).to.include({ code: 'SETTINGS_INVALID', exit: 78 })
    expect(error?.message).to.equal(`No bot is named: neither BOT_COMMAND nor BOT_MODULE is set in ${paths.env}.`)
    expect(error?.suggestions).to.deep.equal([
      'Name your bot: BOT_COMMAND=… for a program, or BOT_MODULE=… for a JavaScript module',
      'See a bot at work, without any setting: catalyst bot start --demo',
    ])
  })

  it('are refused with the line to add where they are those of the built-in bot', () => {
    expect(why({ NEWS_FEEDS: 'https://example.com/a', MIN_SCORE: '2' })?.suggestions[0]).to.equal(
      'For the built-in bot, whose settings are there (NEWS_FEEDS, MIN_SCORE), add the line BOT_MODULE=news',
    )
  })

  it('are those that name neither a program nor a module, and are not those of the demo', () => {
    expect(why({ BOT_COMMAND: 'node bot.js' })).to.equal(undefined)
    expect(why({ BOT_MODULE: 'news' })).to.equal(undefined)
    expect(why({ BOT_MODULE: '' })).to.not.equal(undefined)
    expect(whyNoBot(demoConfig(loadFullConfig(paths.home, {})), paths)).to.equal(undefined)
  })
})
