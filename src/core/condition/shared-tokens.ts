import { createHash } from 'node:crypto'

/** A bot token that several homes have: two pollers on one token answer twice, or shut each other out. */
export interface SharedToken {
  readonly homes: readonly string[]
  /** The settings that hold it. */
  readonly settings: readonly string[]
}

/** The forms of tokens with which a bot fetches its messages: those of Telegram, Discord and Slack. */
const TOKENS = [/^\d{6,}:[\w-]{30,}$/, /^[\w-]{23,30}\.[\w-]{6,7}\.[\w-]{27,}$/, /^xox[bpars]-[\w-]{10,}$/]

/** Returns the tokens that more than one home has. They are compared by their hashes, and none is kept. */
export function sharedTokens(
  homes: readonly { readonly home: string; readonly values: Readonly<Record<string, string>> }[],
): SharedToken[] {
  const found = new Map<string, { homes: Set<string>; settings: Set<string> }>()
  for (const { home, values } of homes) {
    for (const [setting, value] of Object.entries(values)) {
      // alerts are only sent: any number of homes may share that token
      if (setting.includes('ALERT') || !TOKENS.some((form) => form.test(value.trim()))) continue
      const hash = createHash('sha256').update(value.trim()).digest('hex')
      const token = found.get(hash) ?? { homes: new Set(), settings: new Set() }
      token.homes.add(home)
      token.settings.add(setting)
      found.set(hash, token)
    }
  }
  return [...found.values()]
    .filter((token) => token.homes.size > 1)
    .map((token) => ({ homes: [...token.homes].sort(), settings: [...token.settings].sort() }))
}
