import { dirname, join } from 'node:path'
import { CatalystError, EXIT } from '#core/errors.js'
import { exists, isFolder, readText } from '#core/platform/fs/files.js'
import { type Pm2App, pm2AppOf } from './pm2-app.js'

const LONGEST_LIST = 64 * 1024 * 1024

/** Returns the path of the list that `pm2 save` writes. */
export function dumpPath(userFolder: string, environment: NodeJS.ProcessEnv): string {
  return join(environment.PM2_HOME || join(userFolder, '.pm2'), 'dump.pm2')
}

/**
 * Returns the apps in a list of pm2: what `pm2 save` has written, or the output of `pm2 jlist`. Both are JSON, and nothing
 * is run.
 * @throws CatalystError PM2_LIST_MISSING
 */
export function readPm2Apps(path: string): Pm2App[] {
  if (!exists(path)) throw unusable(`There is no list of pm2's apps at ${path}.`)
  if (isFolder(path)) throw unusable(`${path} is a folder, and no list of pm2's apps.`)
  const apps = appsIn(readText(path, LONGEST_LIST) ?? '', dirname(path))
  if (apps === undefined) throw unusable(`${path} is no list of pm2's apps.`)
  return apps
}

/** Returns the apps in a text; undefined where it is no list. pm2 prints remarks before it. */
export function appsIn(text: string, base: string): Pm2App[] | undefined {
  try {
    const start = text.search(/^\[(\s*[{\]]|$)/m)
    const list: unknown = JSON.parse(text.slice(Math.max(0, start)))
    if (!Array.isArray(list)) return undefined
    const apps = list.flatMap((entry: unknown) => {
      const fields = (entry ?? {}) as Record<string, unknown>
      const app = pm2AppOf((fields.pm2_env ?? fields) as Record<string, unknown>, base)
      return app === undefined ? [] : [app]
    })
    return [...new Set(apps.map(({ name }) => name))].map((name) =>
      withInstances(apps.filter((app) => app.name === name)),
    )
  } catch {
    return undefined
  }
}

/** Returns an app whose instances are listed one by one as one app: `pm2 save` leaves their number out. */
function withInstances(instances: readonly Pm2App[]): Pm2App {
  const [app] = instances as [Pm2App]
  return { ...app, instances: Math.max(app.instances, instances.length) }
}

function unusable(message: string): CatalystError {
  return new CatalystError(message, {
    code: 'PM2_LIST_MISSING',
    exit: EXIT.usage,
    suggestions: [
      'Let pm2 write it, as the user that pm2 runs as: pm2 save',
      'Or name a list: pm2 jlist >apps.json, then catalyst init --from-pm2 --pm2-list apps.json',
    ],
  })
}
