import type { BotFiles } from '#core/init/bot-files.js'

/** The files of a bot's folder, by their paths; a folder is there by what it holds. */
export function aBotFolder(
  texts: Readonly<Record<string, string>>,
  {
    platform = 'linux',
    folder = '/srv/bot',
    units = {},
  }: { platform?: NodeJS.Platform; folder?: string; units?: Record<string, string> } = {},
): BotFiles {
  const paths = Object.keys(texts)
  return {
    folder,
    platform,
    has: (path) => paths.some((one) => one === path || one.startsWith(`${path}/`)),
    text: (path) => texts[path],
    names: (path) => {
      const prefix = path === '' ? '' : `${path}/`
      const below = paths.filter((one) => one.startsWith(prefix)).map((one) => one.slice(prefix.length).split('/')[0])
      return [...new Set(below)] as string[]
    },
    units: new Map(Object.entries(units)),
  }
}
