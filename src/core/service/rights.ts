import { CatalystError, EXIT } from '#core/errors.js'
import { quoteWord } from '#core/text.js'

/** The error for whoever may not do this, with the line that may. */
export function noRight(why: string, line: string): CatalystError {
  return new CatalystError(why, { code: 'NOT_ALLOWED', exit: EXIT.notAllowed, suggestions: [`Run: ${line}`] })
}

/** This very command line for another user: `sudo` knows neither our PATH nor our CATALYST_HOME. */
export function sudoLine(home: string, as?: string): string {
  const { argv, execPath } = process
  const named = argv.some((word) => word === '--home' || word.startsWith('--home=')) ? [] : ['--home', home]
  const words = [execPath, ...argv.slice(1), ...named].map(quoteWord)
  return ['sudo', ...(as === undefined ? [] : ['-u', as]), ...words].join(' ')
}
