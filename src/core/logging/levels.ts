/** The numbers that pino gives to levels. */
export const LEVELS = { trace: 10, debug: 20, info: 30, warn: 40, error: 50, fatal: 60 } as const

const NUMBERS: ReadonlyMap<string, number> = new Map(Object.entries(LEVELS))

/** Returns pino's name for a level as the settings spell it; Python's names are known too. */
export function pinoLevel(setting: string): string {
  const level = setting.toLowerCase()
  if (level === 'warning') return 'warn'
  return level === 'critical' ? 'fatal' : level
}

/** Returns the number of a level by any of its names, or undefined. */
export function levelNumber(name: string): number | undefined {
  return NUMBERS.get(pinoLevel(name))
}
