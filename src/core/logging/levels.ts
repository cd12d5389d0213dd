/** pino's name for a level as the settings have it; Python's names are known too. */
export function pinoLevel(setting: string): string {
  const level = setting.toLowerCase()
  if (level === 'warning') return 'warn'
  return level === 'critical' ? 'fatal' : level
}

/** pino's numbers. */
export const LEVELS: Readonly<Record<string, number>> = {
  trace: 10,
  debug: 20,
  info: 30,
  warn: 40,
  error: 50,
  fatal: 60,
}

export const WARN = 40
export const ERROR = 50
