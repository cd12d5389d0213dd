import type { Key } from './keys.js'

/** The state of the screen of all homes: its content, and the chosen home. */
export interface HomesState {
  readonly mode: Mode
  /** The mode to which a question, or the help, leads back. */
  readonly back: 'list' | 'status'
  /** The folder of the chosen home; undefined where there is none. */
  readonly chosen: string | undefined
  /** Its place in the list, which the next one takes where it vanishes. */
  readonly at: number
}

type Mode = 'list' | 'status' | 'logs' | 'help' | 'confirm'

/** What a key has done beside changing the state. */
export type Deed = 'end' | 'read' | 'open-logs' | 'close-logs' | 'restart'

export interface Pressed {
  readonly state: HomesState
  readonly deed?: Deed
}

export const FIRST: HomesState = { mode: 'list', back: 'list', chosen: undefined, at: 0 }

/** Returns the state for the homes as they are now: where the chosen one is gone, its neighbor is chosen. */
export function withHomes(state: HomesState, homes: readonly string[]): HomesState {
  const found = state.chosen === undefined ? -1 : homes.indexOf(state.chosen)
  const at = found >= 0 ? found : Math.max(0, Math.min(state.at, homes.length - 1))
  return { ...state, at, chosen: homes[at] }
}

/** Returns what a key does. */
export function press(state: HomesState, key: Key, homes: readonly string[]): Pressed {
  switch (state.mode) {
    case 'list':
      return inList(state, key, homes)
    case 'status':
      return inStatus(state, key)
    case 'logs':
      return LEAVES_LOGS.includes(key) ? { state: { ...state, mode: state.back }, deed: 'close-logs' } : { state }
    case 'help':
      return key === 'ctrl-c' ? { state, deed: 'end' } : { state: { ...state, mode: state.back } }
    case 'confirm':
      return { state: { ...state, mode: state.back }, ...(YES.includes(key) && { deed: 'restart' }) }
  }
}

const ENDS: readonly Key[] = ['q', 'Q', 'ctrl-c']
const LEAVES_LOGS: readonly Key[] = ['q', 'Q', 'escape', 'ctrl-c']
const YES: readonly Key[] = ['y', 'Y']

function inList(state: HomesState, key: Key, homes: readonly string[]): Pressed {
  const to = (at: number): Pressed => {
    const place = Math.max(0, Math.min(at, homes.length - 1))
    return { state: { ...state, at: place, chosen: homes[place] } }
  }
  if (ENDS.includes(key)) return { state, deed: 'end' }
  switch (key) {
    case 'j':
    case 'down':
      return to(state.at + 1)
    case 'k':
    case 'up':
      return to(state.at - 1)
    case 'g':
    case 'home':
      return to(0)
    case 'G':
    case 'end':
      return to(homes.length - 1)
    case 'enter':
      return state.chosen === undefined ? { state } : { state: { ...state, mode: 'status' }, deed: 'read' }
    default:
      return opening(state, key, 'list')
  }
}

function inStatus(state: HomesState, key: Key): Pressed {
  if (key === 'ctrl-c') return { state, deed: 'end' }
  return ['q', 'Q', 'escape'].includes(key)
    ? { state: { ...state, mode: 'list' }, deed: 'read' }
    : opening(state, key, 'status')
}

/** Handles the keys that open something from which one comes back. */
function opening(state: HomesState, key: Key, back: HomesState['back']): Pressed {
  if (key === '?') return { state: { ...state, mode: 'help', back } }
  if (state.chosen === undefined) return { state }
  if (key === 'l') return { state: { ...state, mode: 'logs', back }, deed: 'open-logs' }
  if (key === 'r') return { state: { ...state, mode: 'confirm', back } }
  return { state }
}
