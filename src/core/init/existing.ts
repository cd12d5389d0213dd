import { parseEnvFile } from '#core/config/env-file.js'
import type { Home } from '#core/home/home.js'
import { readInstalled } from '#core/home/installed-services.js'
import { readText } from '#core/platform/fs/files.js'

/** What a home has already: only the rest is asked for. */
export interface Existing {
  /** The text of `.env`, and its settings; without a file it is empty. */
  readonly text: string
  readonly settings: Readonly<Record<string, string>>
  readonly hasBot: boolean
  readonly hasService: boolean
  readonly hasWatchdog: boolean
  /** The name of the active release, if there is one. */
  readonly release: string | undefined
  /** True once the bot has been started. */
  readonly hasStarted: boolean
  /** True once a drill has brought the bot down. */
  readonly wasDrilled: boolean
}

/** Reads what a home has already. */
export function existingOf(home: Home): Existing {
  const text = home.asOwner(() => readText(home.paths.env)) ?? ''
  const { values } = parseEnvFile(text)
  const installed = home.asOwner(() => readInstalled(home.paths))
  const entries = home.newestEntries()
  return {
    text,
    settings: values,
    hasBot: Boolean(values.BOT_COMMAND || values.BOT_MODULE),
    hasService: installed.bot !== undefined,
    hasWatchdog: installed.watchdog !== undefined,
    release: home.activePointer()?.name,
    hasStarted: entries.some(({ kind }) => kind === 'bot.start'),
    wasDrilled: entries.some(({ kind }) => kind === 'drill'),
  }
}
