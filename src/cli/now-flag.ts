import { Flags } from '@oclif/core'

/** The flag of commands that restart or stop the bot. */
export const nowFlag = Flags.boolean({
  summary: 'Go on at once, also while the bot reports that it is busy. Default: wait for it, BOT_BUSY_MAX at most.',
})
