import type { LoggingOptions } from '#core/logging/write/logging.js'

/** Logging as the tests want it, but for the folder and the listener: all files, nothing hidden, no screen. */
export const PLAIN = {
  level: 'info',
  retention: { days: 7, maxBytes: 1e9 },
  redact: (text) => text,
  console() {},
  files: { bot: 'bot.jsonl', errors: 'errors.log', health: 'health.log' },
} satisfies Partial<LoggingOptions>
