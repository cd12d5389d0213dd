/** How a setting's text is read. Durations are in seconds and may be fractions. */
type SettingType =
  | 'switch'
  | 'whole'
  | 'seconds'
  | 'number'
  | 'text'
  | 'token'
  | 'url'
  | 'urls'
  | 'services'
  | 'paths'
  | 'choice'

export interface SettingRule {
  readonly type: SettingType
  /** As it would stand in `.env`; '' means not set. */
  readonly default: string
  readonly meaning: string
  readonly group: string
  readonly unit?: string
  readonly min?: number
  readonly max?: number
  readonly choices?: readonly string[]
  readonly secret?: boolean
  /** For a list: how many it may hold. */
  readonly most?: number
  /** A value for `.env.example` where there is no default. */
  readonly example?: string
}

const bot = 'The bot'
const health = 'Health'
const watchdog = 'Watchdog'
const logs = 'Logs'
const alerts = 'Alerts and environment'
const service = 'Service'
const deploy = 'Deployment'
const news = 'The built-in news bot'

/** Every setting: the one source of `.env.example`, the README's table, `config check` and `config show`. */
export const SCHEMA = {
  CATALYST_HOME: {
    group: bot,
    type: 'text',
    default: '',
    example: '/srv/bot',
    meaning:
      "The home: the bot's folder. Only from the environment; otherwise `--home`, or the nearest folder upward with `.env` or `.git`, or the current one.",
  },
  BOT_NAME: {
    group: bot,
    type: 'text',
    default: 'CatalystBot',
    meaning:
      "The bot's name in titles and messages, and the service's name; there, signs that no service manager takes become `-`.",
  },
  BOT_COMMAND: {
    group: bot,
    type: 'text',
    default: '',
    example: '.venv/bin/python -m mybot',
    meaning:
      'The program to run as the bot, in any language; relative to the release or home. No shell: quotes group words, `\\"` within double quotes is a quote.',
  },
  BOT_MODULE: {
    group: bot,
    type: 'text',
    default: '',
    example: 'bot.mjs',
    meaning: 'A JavaScript module to run as the bot. With neither this nor BOT_COMMAND the built-in news bot runs.',
  },
  BOT_HEALTH_URL: {
    group: bot,
    type: 'url',
    default: '',
    example: 'http://127.0.0.1:9000/ready',
    meaning: "A program's own health address; each 2xx answer counts as a cycle.",
  },
  BOT_PROOF: {
    group: bot,
    type: 'choice',
    choices: ['auto', 'cycle', 'report', 'url', 'process'],
    default: 'auto',
    meaning:
      'How we know that the bot works: its cycles, its reports, its health address, or only that its process lives. `auto` picks by what the bot does.',
  },
  BOT_CYCLE_SECONDS: {
    group: bot,
    type: 'seconds',
    unit: 's',
    min: 0,
    max: 86_400,
    default: '30',
    meaning: 'Pause between the cycles of a module or of the news bot; also how often BOT_HEALTH_URL is asked.',
  },
  BOT_START_TIMEOUT: {
    group: bot,
    type: 'seconds',
    unit: 's',
    min: 0.1,
    max: 86_400,
    default: '300',
    meaning: 'How long the bot may take from its start to its first cycle.',
  },
  BOT_STOP_TIMEOUT: {
    group: bot,
    type: 'seconds',
    unit: 's',
    min: 0,
    max: 3600,
    default: '20',
    meaning: 'How long the bot may take to end when asked; then it is killed with all that it started.',
  },
  BOT_MAX_RSS_MB: {
    group: bot,
    type: 'whole',
    unit: 'MB',
    min: 16,
    default: '',
    example: '1024',
    meaning: 'Memory above which the watchdog restarts the bot. Not set: no limit.',
  },

  HEALTH_CHECK_ENABLED: {
    group: health,
    type: 'switch',
    default: '1',
    meaning: 'The health endpoint. It is on when this and FEATURE_HEALTH_ENDPOINT both are.',
  },
  HEALTH_CHECK_PORT: {
    group: health,
    type: 'whole',
    min: 0,
    max: 65_535,
    default: '8080',
    meaning: "The endpoint's port; 0 takes any free one.",
  },
  FEATURE_HEALTH_ENDPOINT: {
    group: health,
    type: 'switch',
    default: '1',
    meaning: "The endpoint's second switch, as a feature flag.",
  },
  HEALTH_CHECK_HOST: {
    group: health,
    type: 'text',
    default: '127.0.0.1',
    meaning: 'The address the endpoint listens on. The default lets nobody in from outside.',
  },
  HEALTH_TOKEN: {
    group: health,
    type: 'token',
    secret: true,
    default: '',
    example: 'a-long-random-word',
    meaning:
      'Guards everything but `/health/ping` (`Authorization: Bearer …`, or as the password in a browser). Without one, requests through a tunnel or from outside get ping only.',
  },
  HEALTH_SERVICES: {
    group: health,
    type: 'services',
    default: '',
    example: 'prices=https://api.example.com/ping,db=http://127.0.0.1:9001/',
    meaning:
      'What the bot needs, as `name=url,…`; asked once a minute. Not set: Discord, Tiingo, Finnhub and Ollama by the keys that are set.',
  },

  WATCHDOG_ENABLED: { group: watchdog, type: 'switch', default: '0', meaning: 'Run the watchdog.' },
  WATCHDOG_CHECK_INTERVAL: {
    group: watchdog,
    type: 'seconds',
    unit: 's',
    min: 0.1,
    max: 3600,
    default: '60',
    meaning: 'How often the watchdog asks.',
  },
  WATCHDOG_RESTART_ON_FREEZE: {
    group: watchdog,
    type: 'switch',
    default: '1',
    meaning: 'Restart a frozen bot; 0 only alerts.',
  },
  WATCHDOG_FREEZE_THRESHOLD: {
    group: watchdog,
    type: 'seconds',
    unit: 's',
    min: 0.1,
    max: 86_400,
    default: '300',
    meaning: 'A cycle overdue by this much makes the bot `unhealthy`; silence of this length counts as a freeze.',
  },
  WATCHDOG_MAX_RESTARTS: {
    group: watchdog,
    type: 'whole',
    min: 0,
    max: 1000,
    default: '3',
    meaning: 'Rescues in any 60 minutes.',
  },

  LOG_LEVEL: {
    group: logs,
    type: 'choice',
    choices: ['TRACE', 'DEBUG', 'INFO', 'WARNING', 'WARN', 'ERROR', 'CRITICAL', 'FATAL'],
    default: 'INFO',
    meaning: 'The least level that is logged.',
  },
  LOG_PLAIN: {
    group: logs,
    type: 'switch',
    default: '1',
    meaning: 'The console in readable lines; 0 gives JSON. Files are always JSON.',
  },
  LOG_ROTATION_DAYS: {
    group: logs,
    type: 'whole',
    unit: 'days',
    min: 1,
    max: 3650,
    default: '7',
    meaning: 'How long rotated logs are kept.',
  },

  DEPLOYMENT_ENV: {
    group: alerts,
    type: 'text',
    default: 'production',
    meaning: 'Shown in alerts, JSON and the journal.',
  },
  ADMIN_ALERT_WEBHOOK: {
    group: alerts,
    type: 'url',
    secret: true,
    default: '',
    example: 'https://discord.com/api/webhooks/…',
    meaning: "Discord webhook for the admin's alerts.",
  },
  HEARTBEAT_URL: {
    group: alerts,
    type: 'url',
    secret: true,
    default: '',
    example: 'https://hc-ping.com/…',
    meaning: 'Pinged while all is well, so that an outside monitor notices when the machine is gone.',
  },

  SERVICE_RESTART_DELAY: {
    group: service,
    type: 'seconds',
    unit: 's',
    min: 0,
    max: 3600,
    default: '10',
    meaning: 'Pause before the service manager starts an ended bot again.',
  },
  NSSM_PATH: {
    group: service,
    type: 'text',
    default: '',
    example: 'C:\\Tools\\nssm.exe',
    meaning: 'Where nssm.exe is. Not set: looked for in PATH and the usual folders.',
  },

  DEPLOY_INSTALL_COMMAND: {
    group: deploy,
    type: 'text',
    default: '',
    example: 'npm ci --omit=dev',
    meaning: 'Run in a new release to install its dependencies. Not set: by what the release holds.',
  },
  DEPLOY_CHECK_COMMAND: {
    group: deploy,
    type: 'text',
    default: '',
    example: 'npm test',
    meaning: 'Run in a new release before it goes live; a failure stops the deployment.',
  },
  DEPLOY_SHARED_PATHS: {
    group: deploy,
    type: 'paths',
    default: '.env,data',
    meaning: 'Paths of the home that appear in every release.',
  },
  DEPLOY_KEEP_RELEASES: {
    group: deploy,
    type: 'whole',
    min: 1,
    max: 1000,
    default: '5',
    meaning: 'Releases kept on disk; the active and the last good one always are.',
  },
  DEPLOY_SETTLE_SECONDS: {
    group: deploy,
    type: 'seconds',
    unit: 's',
    min: 0,
    max: 3600,
    default: '10',
    meaning: 'How long a new release must stay healthy to be good.',
  },
  BACKUP_KEEP: {
    group: deploy,
    type: 'whole',
    min: 1,
    max: 10_000,
    default: '20',
    meaning: 'Settings backups that are kept.',
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
  MIN_SCORE: { group: news, type: 'number', default: '1', meaning: 'The least score that makes an alert.' },
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
  },
  TIINGO_API_KEY: {
    group: health,
    type: 'text',
    secret: true,
    default: '',
    example: 'your-key',
    meaning: 'When set, Tiingo is one of the services that are asked.',
  },
  FINNHUB_API_KEY: {
    group: health,
    type: 'text',
    secret: true,
    default: '',
    example: 'your-key',
    meaning: 'When set, Finnhub is one of the services that are asked.',
  },
  OLLAMA_URL: {
    group: health,
    type: 'url',
    default: '',
    example: 'http://127.0.0.1:11434',
    meaning: 'When set, Ollama is one of the services that are asked.',
  },
} as const satisfies Record<string, SettingRule>

export type SettingName = keyof typeof SCHEMA

export const SETTING_NAMES = Object.keys(SCHEMA) as SettingName[]

export function ruleOf(name: SettingName): SettingRule {
  return SCHEMA[name]
}

type Numeric = 'whole' | 'seconds' | 'number'
type Listed = 'urls' | 'paths'

type ValueOf<R extends SettingRule> = R['type'] extends 'switch'
  ? boolean
  : R['type'] extends Numeric
    ? R['default'] extends ''
      ? number | undefined
      : number
    : R['type'] extends Listed
      ? readonly string[]
      : R['type'] extends 'services'
        ? Readonly<Record<string, string>>
        : R['default'] extends ''
          ? string | undefined
          : string

/** The settings in force, by their names; a duration is in seconds. */
export type Settings = { readonly [N in SettingName]: ValueOf<(typeof SCHEMA)[N]> }
