/** pino's numbers. */
export const LEVELS = { trace: 10, debug: 20, info: 30, warn: 40, error: 50, fatal: 60 } as const

const NUMBERS: ReadonlyMap<string, number> = new Map(Object.entries(LEVELS))

/** pino's name for a level as the settings have it; Python's names are known too. */
export function pinoLevel(setting: string): string {
  const level = setting.toLowerCase()
  if (level === 'warning') return 'warn'
  return level === 'critical' ? 'fatal' : level
}

/** The number of a level by any of its names, or undefined. */
export function levelNumber(name: string): number | undefined {
  return NUMBERS.get(pinoLevel(name))
}
