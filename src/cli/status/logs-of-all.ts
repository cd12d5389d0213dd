import { widthOf } from '#cli/width.js'
import type { Home } from '#core/home/home.js'
import { objectIn } from '#core/json.js'
import type { LogFolder, LogSource } from '#core/logging/read/open-logs.js'
import { inOneLine } from '#core/logging/read/plain.js'

/** Returns the log folders of these homes. A bot's name that several have is followed by its home. */
export function foldersOf(homes: readonly Pick<Home, 'paths' | 'settings'>[]): LogFolder[] {
  const names = homes.map(({ settings }) => settings.BOT_NAME)
  return homes.map(({ paths: { home, logs } }, index) => {
    const name = names[index] as string
    const isShared = names.filter((other) => other === name).length > 1
    return { folder: logs, bot: { home, label: inOneLine(isShared ? `${name} (${home})` : name) } }
  })
}

/** Returns the width of the longest label, in columns. */
export function widestLabel(folders: readonly LogFolder[]): number {
  return Math.max(0, ...folders.map(({ bot }) => widthOf(bot?.label ?? '')))
}

/** Returns a line behind the label of its bot, in columns. */
export function labeled(text: string, { label }: LogSource, width: number): string {
  return `${label}${' '.repeat(Math.max(0, width - widthOf(label)))}  ${text}`
}

/** Returns a line of a log file as JSON with its bot; one that is no JSON as its message. */
export function jsonOf(text: string, { label, home }: LogSource): string {
  return JSON.stringify({ ...(objectIn(text) ?? { msg: text }), bot: label, home })
}
