/** `1 fault`, `2 faults`; a plural that isn't made with an s is given. */
export function countOf(count: number, noun: string, plural = `${noun}s`): string {
  return `${count} ${count === 1 ? noun : plural}`
}

/** A word of a command line, as a person may paste it into the shell of that platform. */
export function quoteWord(word: string, platform: NodeJS.Platform = process.platform): string {
  if (platform !== 'win32') return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
  // backslashes count double where a quote follows (CommandLineToArgvW)
  return /^[\w@+=:,./\\-]+$/.test(word)
    ? word
    : `"${word.replace(/(\\*)("|$)/g, (_, slashes, quote) => slashes + slashes + (quote && '\\"'))}"`
}
