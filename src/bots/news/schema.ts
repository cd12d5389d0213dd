import type { Schema } from '#core/config/rule.js'
import { SCHEMA } from '#core/config/schema.js'

const news = 'The built-in news bot'
const health = SCHEMA.HEALTH_SERVICES.group

/** The settings of Catalyst that mean more for this bot, and its own. */
export const NEWS_SCHEMA = {
  BOT_MODULE: {
    ...SCHEMA.BOT_MODULE,
    meaning: `${SCHEMA.BOT_MODULE.meaning} \`news\` is the built-in news bot.`,
  },
  BOT_CYCLE_SECONDS: {
    ...SCHEMA.BOT_CYCLE_SECONDS,
    meaning:
      'Pause between the cycles of a module or of the news bot; also how often BOT_HEALTH_URL and the other proofs are probed.',
  },
  HEALTH_SERVICES: {
    ...SCHEMA.HEALTH_SERVICES,
    meaning: `${SCHEMA.HEALTH_SERVICES.meaning} Not set: Discord, Tiingo, Finnhub and Ollama by the keys that are set.`,
  },

  NEWS_FEEDS: {
    group: news,
    type: 'urls',
    most: 40,
    default: '',
    example: 'https://example.com/a.rss,https://example.com/b.atom',
    meaning: 'Feeds to watch, with commas between. Not set: GlobeNewswire and SEC EDGAR.',
  },
  NEWS_MAX_AGE_MINUTES: {
    group: news,
    type: 'number',
    unit: 'min',
    min: 0,
    default: '480',
    meaning: 'Older entries are dropped.',
  },
  MIN_SCORE: { group: news, type: 'number', default: '1', meaning: 'The minimum score that makes an alert.' },
  SEC_USER_AGENT: {
    group: news,
    type: 'text',
    default: '',
    example: 'Jane Doe jane@example.com',
    meaning: 'Who you are, with a contact: SEC EDGAR asks for it. Not set: EDGAR is skipped.',
  },
  DISCORD_WEBHOOK_URL: {
    group: news,
    type: 'url',
    secret: true,
    default: '',
    example: 'https://discord.com/api/webhooks/…',
    meaning: 'Where the alerts go. Not set: to the log only.',
    // a GET of a webhook's own address shows the webhook and posts nothing (Discord's "Get Webhook with Token")
    dependency: (url) => ({ name: 'discord', url, headers: {} }),
  },
  TIINGO_API_KEY: {
    group: health,
    type: 'text',
    secret: true,
    default: '',
    example: 'your-key',
    meaning: 'When set, Tiingo is one of the dependencies that are probed.',
    dependency: (key) => ({
      name: 'tiingo',
      url: 'https://api.tiingo.com/api/test',
      headers: { Authorization: `Token ${key}` },
    }),
  },
  FINNHUB_API_KEY: {
    group: health,
    type: 'text',
    secret: true,
    default: '',
    example: 'your-key',
    meaning: 'When set, Finnhub is one of the dependencies that are probed.',
    dependency: (key) => ({
      name: 'finnhub',
      url: 'https://finnhub.io/api/v1/quote?symbol=AAPL',
      headers: { 'X-Finnhub-Token': key },
    }),
  },
  OLLAMA_URL: {
    group: health,
    type: 'url',
    default: '',
    example: 'http://127.0.0.1:11434',
    meaning: 'When set, Ollama is one of the dependencies that are probed.',
    dependency: (url) => ({ name: 'ollama', url: new URL('/api/version', url).href, headers: {} }),
  },
} as const satisfies Schema
