import { CHANNELS } from './alerts/channel-names.js'
import { PROCESS_PROOF, SIGNALS } from './proof/signal-names.js'
import type { Schema, SettingRule, ValuesOf } from './rule.js'

const bot = 'The bot'
const health = 'Health'
const watchdog = 'Watchdog'
const logs = 'Logs'
const alerts = 'Alerts and environment'
const service = 'Service'
const deploy = 'Deployment'
const backup = 'Backups'

/** Every setting of ours. With those of the bundled bots it makes `.env.example`, the README's table and `config show`. */
export const SCHEMA = {
  CATALYST_HOME: {
    group: bot,
    type: 'text',
    default: '',
    example: '/srv/bot',
    meaning:
      "The home: the bot's folder. Only from the environment; otherwise `--home`, or the nearest folder upward with `.env` or `.git` that is yours, or the current one.",
  },
  BOT_NAME: {
    group: bot,
    type: 'text',
    default: 'CatalystBot',
    meaning:
      "The bot's name in titles and messages, and the service's name; there, characters that service managers do not accept become `-`.",
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
    meaning: 'A JavaScript module to run as the bot.',
  },
  BOT_HEALTH_URL: {
    group: bot,
    type: 'url',
    default: '',
    example: 'http://127.0.0.1:9000/ready',
    meaning:
      "A program's own health address; each 2xx answer counts as a cycle, unless BOT_HEALTH_FRESH or BOT_HEALTH_EXPECT demand more.",
  },
  BOT_PROOF: {
    group: bot,
    type: 'choices',
    choices: ['auto', ...SIGNALS, PROCESS_PROOF],
    default: 'auto',
    meaning:
      'The proofs that the bot works, with commas between; all of them must be fresh. `auto` takes each whose setting is set, else what the bot does; `process` asks only that it lives.',
  },
  BOT_HEALTH_FRESH: {
    group: bot,
    type: 'text',
    default: '',
    example: '.bot.last_process_ts',
    meaning: 'The path of a value in the JSON answer of BOT_HEALTH_URL that must change: a time, a counter.',
  },
  BOT_HEALTH_EXPECT: {
    group: bot,
    type: 'text',
    default: '',
    example: 'state.*running',
    meaning: 'A pattern (RE2) that the answer of BOT_HEALTH_URL must match.',
  },
  BOT_HEALTH_COMMAND: {
    group: bot,
    type: 'text',
    default: '',
    example: '.venv/bin/python check.py',
    meaning:
      'A program that checks the bot every BOT_CYCLE_SECONDS, for 10 s at most: exit code 0 is proof; else its last line says why not.',
  },
  BOT_LOG_PROOF: {
    group: bot,
    type: 'text',
    default: '',
    example: 'Bot heartbeat',
    meaning: "A pattern (RE2); each line of a program's output that matches is proof.",
  },
  BOT_LOG_ERROR: {
    group: bot,
    type: 'text',
    default: '',
    example: 'Traceback|order rejected',
    meaning: "A pattern (RE2); each line of a program's output that matches counts as an error.",
  },
  BOT_PROOF_FILE: {
    group: bot,
    type: 'text',
    default: '',
    example: 'data/heartbeat',
    meaning: 'A file that the bot writes again and again, relative to the home; each new modification time is proof.',
  },
  BOT_TELEGRAM_TOKEN: {
    group: bot,
    type: 'token',
    secret: true,
    default: '',
    example: '123456:ABC-DEF',
    meaning: "A Telegram bot's token, to ask whether its updates are fetched. It disturbs no poller.",
  },
  BOT_TELEGRAM_API: {
    group: bot,
    type: 'url',
    default: 'https://api.telegram.org',
    meaning: 'The address of the Telegram Bot API, for a server of your own.',
  },
  BOT_CYCLE_SECONDS: {
    group: bot,
    type: 'seconds',
    unit: 's',
    min: 0,
    max: 86_400,
    default: '30',
    meaning: 'Pause between the cycles of a module; also how often BOT_HEALTH_URL and the other proofs are probed.',
  },
  BOT_START_TIMEOUT: {
    group: bot,
    type: 'seconds',
    unit: 's',
    min: 0.1,
    max: 86_400,
    default: '300',
    meaning: "Maximum time from the bot's start to its first cycle.",
  },
  BOT_STARTS_PER_DAY: {
    group: bot,
    type: 'whole',
    min: 10,
    max: 100_000,
    default: '500',
    meaning:
      'Maximum number of starts in any 24 hours. From the fourth quick exit on, the next start waits, up to 10 minutes.',
  },
  BOT_STOP_TIMEOUT: {
    group: bot,
    type: 'seconds',
    unit: 's',
    min: 0,
    max: 3600,
    default: '20',
    meaning: 'Maximum time for the bot to exit when asked to stop; then it is killed with all that it started.',
  },
  BOT_BUSY_MAX: {
    group: bot,
    type: 'seconds',
    unit: 's',
    min: 0,
    max: 86_400,
    default: '600',
    meaning: 'How long planned restarts wait for a bot that reports that it is busy; 0: never.',
  },
  BOT_STOP_SIGNAL: {
    group: bot,
    type: 'choice',
    choices: ['auto', 'SIGINT', 'SIGTERM', 'SIGQUIT', 'SIGHUP', 'SIGUSR1', 'SIGUSR2'],
    default: 'auto',
    meaning:
      'The signal that asks a program to stop; not on Windows. `auto` is SIGTERM, but SIGINT for Python without a handler for SIGTERM.',
  },
  BOT_STOP_COMMAND: {
    group: bot,
    type: 'text',
    default: '',
    example: '.venv/bin/python stop.py',
    meaning:
      'Run first when a program is to stop, with its pid in `CATALYST_PID`. The signal follows when it fails, or three quarters of BOT_STOP_TIMEOUT are over.',
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
    meaning: "The bot's dependencies, as `name=url,…` (http, https or `tcp://host:port`); probed once a minute.",
  },
  TIME_SERVER: {
    group: health,
    type: 'server',
    default: '',
    example: 'pool.ntp.org',
    meaning:
      "Asked hourly how far this machine's clock is off (SNTP), as `host` or `host:port`. Not set: nobody is asked.",
  },
  CLOCK_MAX_OFFSET: {
    group: health,
    type: 'seconds',
    unit: 's',
    min: 0.01,
    max: 3600,
    default: '0.5',
    meaning: 'A clock that is off by more makes the bot `degraded`: exchanges refuse its requests.',
  },

  WATCHDOG_ENABLED: { group: watchdog, type: 'switch', default: '0', meaning: 'Run the watchdog.' },
  WATCHDOG_CHECK_INTERVAL: {
    group: watchdog,
    type: 'seconds',
    unit: 's',
    min: 0.1,
    max: 3600,
    default: '60',
    meaning: 'How often the watchdog probes the bot.',
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
    meaning: 'Restart budget: how many restarts the watchdog makes in any 60 minutes.',
  },

  LOG_LEVEL: {
    group: logs,
    type: 'choice',
    choices: ['TRACE', 'DEBUG', 'INFO', 'WARNING', 'WARN', 'ERROR', 'CRITICAL', 'FATAL'],
    default: 'INFO',
    meaning: 'The minimum level that is logged.',
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
  LOG_MAX_MB: {
    group: logs,
    type: 'whole',
    unit: 'MB',
    min: 20,
    max: 1_000_000,
    default: '100',
    meaning: 'How much of each log is kept in rotated files, however young; the oldest go first.',
  },

  DEPLOYMENT_ENV: {
    group: alerts,
    type: 'text',
    default: 'production',
    meaning: 'Shown in alerts, JSON and the journal.',
  },
  ALERT_CHANNELS: {
    group: alerts,
    type: 'choices',
    choices: CHANNELS,
    default: '',
    example: 'telegram,email',
    meaning:
      'Where alerts go: one or more of the channels, with commas between. Not set: `discord` where ADMIN_ALERT_WEBHOOK is set, else nowhere.',
  },
  ADMIN_ALERT_WEBHOOK: {
    group: alerts,
    type: 'url',
    secret: true,
    default: '',
    example: 'https://discord.com/api/webhooks/…',
    meaning: "Discord webhook for the admin's alerts.",
  },
  ALERT_TELEGRAM_TOKEN: {
    group: alerts,
    type: 'token',
    secret: true,
    default: '',
    example: '123456:ABC-DEF',
    meaning: 'The token of the Telegram bot that sends the alerts. It only sends, so it may be the token of your bot.',
  },
  ALERT_TELEGRAM_CHAT: {
    group: alerts,
    type: 'text',
    default: '',
    example: '-1001234567890',
    meaning: "The Telegram chat for alerts: its number, or a public channel's @name.",
  },
  ALERT_TELEGRAM_API: {
    group: alerts,
    type: 'url',
    default: 'https://api.telegram.org',
    meaning: 'The address of the Telegram Bot API for alerts, for a server of your own.',
  },
  ALERT_SLACK_WEBHOOK: {
    group: alerts,
    type: 'url',
    secret: true,
    default: '',
    example: 'https://hooks.slack.com/services/…',
    meaning: 'Incoming webhook of a Slack channel.',
  },
  ALERT_NTFY_URL: {
    group: alerts,
    type: 'url',
    secret: true,
    default: '',
    example: 'https://ntfy.sh/a-topic-nobody-guesses',
    meaning: "The ntfy topic for alerts: the server's address with the topic.",
  },
  ALERT_NTFY_TOKEN: {
    group: alerts,
    type: 'token',
    secret: true,
    default: '',
    example: 'tk_…',
    meaning: 'Access token for a protected ntfy topic.',
  },
  ALERT_WEBHOOK_URL: {
    group: alerts,
    type: 'url',
    secret: true,
    default: '',
    example: 'https://example.com/alerts',
    meaning: 'Takes each alert as a JSON POST (docs/alerts.md).',
  },
  ALERT_WEBHOOK_SECRET: {
    group: alerts,
    type: 'token',
    secret: true,
    default: '',
    example: 'whsec_…',
    meaning: 'Signs the JSON POST (HMAC-SHA256, as Standard Webhooks). `whsec_` before base64, or any other text.',
  },
  ALERT_EMAIL_SMTP: {
    group: alerts,
    type: 'text',
    secret: true,
    default: '',
    example: 'smtps://user:password@mail.example:465',
    meaning: 'The mail server for alerts: `smtps://` is TLS from the start, `smtp://` uses STARTTLS.',
  },
  ALERT_EMAIL_FROM: {
    group: alerts,
    type: 'text',
    default: '',
    example: 'bot@example.com',
    meaning: 'The sender of alert mails.',
  },
  ALERT_EMAIL_TO: {
    group: alerts,
    type: 'text',
    default: '',
    example: 'me@example.com',
    meaning: 'The recipients of alert mails, with commas between.',
  },
  HEARTBEAT_URL: {
    group: alerts,
    type: 'url',
    secret: true,
    default: '',
    example: 'https://hc-ping.com/…',
    meaning: 'Pinged while all is well, so that an outside monitor notices when the machine is gone.',
  },
  METRICS_FILE: {
    group: alerts,
    type: 'text',
    default: '',
    example: '/var/lib/prometheus/node-exporter/mybot.prom',
    meaning:
      "Where the watchdog writes its metrics for node exporter's textfile collector; the name must end in `.prom`, relative to the home.",
  },

  SERVICE_RESTART_DELAY: {
    group: service,
    type: 'seconds',
    unit: 's',
    min: 0,
    max: 3600,
    default: '10',
    meaning: 'Delay before the service manager restarts a bot that exited.',
  },
  NSSM_PATH: {
    group: service,
    type: 'text',
    default: '',
    example: 'C:\\Tools\\nssm.exe',
    meaning: 'Where nssm.exe is. Not set: searched for in PATH and the usual folders.',
  },

  DEPLOY_INSTALL_COMMAND: {
    group: deploy,
    type: 'text',
    default: '',
    example: 'npm ci --omit=dev',
    meaning: 'Run in a new release to install its dependencies. Not set: chosen by the files in the release.',
  },
  DEPLOY_INSTALL_ENV: {
    group: deploy,
    type: 'names',
    default: '',
    example: 'NPM_TOKEN',
    meaning: 'Secrets that installing may see, by name, with commas between. Not set: none.',
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
    meaning: 'Maximum number of releases on disk; the active one and the two newest good ones are always kept.',
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
  DEPLOY_SNAPSHOT: {
    group: deploy,
    type: 'paths',
    default: '',
    example: 'bot.db,state',
    meaning:
      'SQLite files and folders in `data/` that belong to a version, with commas between: a deployment copies them between the old version and the new one, and they come back with the old one.',
  },
  DEPLOY_BAKE_HOURS: {
    group: deploy,
    type: 'seconds',
    unit: 'h',
    min: 0,
    max: 720,
    default: '24',
    meaning:
      'How long a good version is watched for: a crash loop, or a used-up restart budget, takes it back, once; 0: never.',
  },
  BACKUP_KEEP: {
    group: deploy,
    type: 'whole',
    min: 1,
    max: 10_000,
    default: '20',
    meaning: 'Maximum number of settings backups.',
  },
  SETTINGS_BACKUP_RECIPIENT: {
    group: deploy,
    type: 'recipient',
    default: '',
    example: 'age1…',
    meaning:
      'Seals the secrets in settings backups to this recipient of age: only its identity, kept elsewhere, opens them. Not set: they are plain text, readable by the owner alone.',
  },

  BACKUP_REPOSITORY: {
    group: backup,
    type: 'text',
    default: '',
    example: 's3:https://s3.example.com/bucket/mybot',
    meaning:
      'Where backups of the home go: a folder, `sftp:user@host:/folder`, or `s3:https://host/bucket/folder`, as restic names them. Not set: there are none.',
  },
  BACKUP_PASSWORD: {
    group: backup,
    type: 'text',
    secret: true,
    default: '',
    example: 'a-long-random-word',
    meaning: 'Encrypts the backups. Without it nobody can read them: keep it somewhere else, too.',
  },
  BACKUP_PASSWORD_FILE: {
    group: backup,
    type: 'text',
    default: '',
    example: '/etc/mybot/backup-password',
    meaning: 'A file with that password instead, relative to the home.',
  },
  BACKUP_S3_KEY_ID: {
    group: backup,
    type: 'token',
    secret: true,
    default: '',
    example: 'AKIA…',
    meaning: 'Access key of the S3 storage. Not set: as AWS finds it, such as AWS_ACCESS_KEY_ID.',
  },
  BACKUP_S3_SECRET_KEY: {
    group: backup,
    type: 'token',
    secret: true,
    default: '',
    example: 'wJalr…',
    meaning: 'Secret key of the S3 storage.',
  },
  BACKUP_S3_REGION: {
    group: backup,
    type: 'token',
    default: '',
    example: 'eu-central-1',
    meaning: 'Region of the S3 storage, where it asks for one.',
  },
  BACKUP_RESTIC: {
    group: backup,
    type: 'text',
    default: '',
    example: '/opt/restic/restic',
    meaning: 'The restic to use, relative to the home. Not set: searched for in PATH.',
  },
  BACKUP_PATHS: {
    group: backup,
    type: 'paths',
    default: '',
    example: '.env,data,bot.db',
    meaning:
      "Paths of the home to back up, beside Catalyst's own journal, incidents and settings backups. Not set: those of DEPLOY_SHARED_PATHS. Logs are left out.",
  },
  BACKUP_KEEP_DAILY: {
    group: backup,
    type: 'whole',
    min: 1,
    max: 10_000,
    default: '7',
    meaning: 'For how many days the newest backup of the day is kept.',
  },
  BACKUP_KEEP_WEEKLY: {
    group: backup,
    type: 'whole',
    min: 0,
    max: 10_000,
    default: '5',
    meaning: 'For how many weeks the newest backup of the week is kept.',
  },
  BACKUP_KEEP_MONTHLY: {
    group: backup,
    type: 'whole',
    min: 0,
    max: 10_000,
    default: '12',
    meaning: 'For how many months the newest backup of the month is kept.',
  },
  BACKUP_MAX_AGE_HOURS: {
    group: backup,
    type: 'number',
    unit: 'hours',
    min: 0.01,
    max: 87_600,
    default: '36',
    meaning: 'The age of the newest good backup above which the watchdog alerts.',
  },
  BACKUP_TEST_DAYS: {
    group: backup,
    type: 'number',
    unit: 'days',
    min: 0,
    max: 3650,
    default: '7',
    meaning: 'How often a scheduled backup is followed by a restore test; 0: never.',
  },
} as const satisfies Schema

export type SettingName = keyof typeof SCHEMA

export function ruleOf(name: SettingName): SettingRule {
  return SCHEMA[name]
}

/** The settings in force, by name; a duration is in seconds. */
export type Settings = ValuesOf<typeof SCHEMA>
