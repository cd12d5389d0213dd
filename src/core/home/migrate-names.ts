import { type Fields, isObject } from '#core/json.js'

/**
 * The names that state files had before 0.2. They are read for one more release; nothing is written with them. Each
 * function takes the object out of such a file, or out of a current one, and returns it with the current names.
 */

/** Renames keys of an object that lacks the new key. */
function renamed(fields: Fields, names: Readonly<Record<string, string>>): Fields {
  const pairs = Object.entries(fields).map(([key, value]) => {
    const name = names[key]
    return [name === undefined || name in fields ? key : name, value]
  })
  return Object.fromEntries(pairs)
}

export function migrateDesiredState(fields: Fields): Fields {
  return renamed(fields, { wanted: 'desired' })
}

export function migrateIncident(fields: Fields): Fields {
  const { state, ...rest } = renamed(fields, { rescues: 'restartsBegun' })
  return { ...rest, state: state === 'needs you' ? 'needs_attention' : state }
}

export function migrateWatchdog(fields: Fields): Fields {
  const { incident, ...rest } = renamed(fields, { rescues: 'restarts' })
  return { ...rest, incident: isObject(incident) ? migrateIncident(incident) : incident }
}

export function migrateDeployment(fields: Fields): Fields {
  const { supervisor, ...rest } = renamed(fields, { keeper: 'supervisor', stopWish: 'desiredStop' })
  return { ...rest, supervisor: supervisor === 'nobody' ? 'none' : supervisor }
}
