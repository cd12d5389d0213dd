import type { Hooks } from './steps.js'

/** Returns the hooks of a deployment with nobody at a terminal: each step that is over goes into a log. */
export function unattendedHooks(tell: (text: string) => void, signal = new AbortController().signal): Hooks {
  return {
    signal,
    onStep({ text, state, ms }) {
      if (state !== 'begin') tell(`${text}: ${state} (${ms} ms)`)
    },
    onLine: () => {},
    onWait: () => {},
    onWarning: tell,
  }
}
