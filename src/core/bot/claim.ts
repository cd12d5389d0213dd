import { CatalystError, codeOf, EXIT, isNoRoom, messageOf, writeFault } from '#core/errors.js'
import { type BotFile, readBotFile, type Unended } from '#core/home/bot-file.js'
import type { HomePaths } from '#core/home/home-paths.js'
import { acquireLock, releaseLock } from '#core/home/lock.js'
import { settleRestore } from '#core/home/restoring.js'
import type { Clock } from '#core/platform/clock.js'
import { isInContainer } from '#core/platform/container.js'
import { writeJson } from '#core/platform/fs/json-file.js'
import { whyNotWritable } from '#core/platform/fs/permissions.js'
import { keepSpares } from '#core/platform/fs/spare.js'
import { OWNER_ONLY } from '#core/platform/fs/write-files.js'
import { newInstance } from '#core/platform/process/new-instance.js'
import { thisProcess } from '#core/platform/process/process-id.js'
import { tell } from '#core/platform/process/stderr.js'
import { localTime } from '#core/text.js'

/** The claim of a home, in which this process alone runs a bot until it is released. */
export interface Claim {
  readonly instance: string
  /** The bots that held the home and exited without releasing it, oldest first. */
  readonly previous: readonly Unended[]
  /** Adds facts to `bot.json`. What can't be written now, the next call writes, too. */
  update(more: Partial<Pick<BotFile, 'endpoint' | 'control' | 'program' | 'unended'>>): void
  /** Returns whether `bot.json` lacks something that could not be written, as on a full disk. */
  isBehind(): boolean
  /** Releases the home, and leaves the leftovers that are still to be ended to the next bot. */
  release(): void
}

/** The limit of remembered bots that were killed one after the other, each before it could do anything. */
const REMEMBERED = 10

const TRANSIENT = ['ENOSPC', 'EDQUOT', 'EROFS', 'EIO', 'ESTALE', 'EMFILE', 'ENFILE']

/**
 * Claims the home, so that only one bot runs in it.
 * @throws CatalystError HOME_NOT_WRITABLE, BOT_RUNNING, BACKUP_BUSY
 */
export async function claimHome(
  clock: Clock,
  paths: HomePaths,
  facts: Pick<BotFile, 'version' | 'release' | 'supervisor'>,
): Promise<Claim> {
  const refusal = unwritableHome(paths)
  if (refusal !== undefined) throw refusal
  let file: BotFile = {
    ...thisProcess(),
    instance: newInstance(),
    since: new Date(clock.now()).toISOString(),
    ...facts,
  }
  const acquired = await acquireLock<BotFile>(clock, paths.bot, file).catch((error) => {
    throw isNoRoom(error) ? notWritable(paths, error) : error
  })
  if ('heldBy' in acquired) {
    const { pid, since } = acquired.heldBy
    throw new CatalystError(`A bot already runs in ${paths.home}: pid ${pid}, since ${localTime(since)}.`, {
      code: 'BOT_RUNNING',
      exit: EXIT.busy,
      suggestions: ['Ask it how it is: catalyst health check', 'Follow its log: catalyst logs --follow'],
    })
  }
  await settleRestore(paths).catch((error) => {
    releaseLock(paths.bot, file)
    throw error
  })
  keepSpares(paths.state)
  let isBehind = false
  const write = (content: BotFile) => {
    isBehind = true
    writeJson(paths.bot, content, OWNER_ONLY, { isFlushed: false }) // a lock, too: after a power cut no bot runs
    isBehind = false
  }
  const { previous: last } = acquired
  const previous = last === undefined ? [] : unendedUpTo(last)
  const claim: Claim = {
    instance: file.instance,
    previous,
    update(more) {
      file = { ...file, ...more }
      write(file)
    },
    isBehind: () => isBehind,
    release() {
      try {
        const isOurs = readBotFile(paths.bot)?.instance === file.instance
        if (last !== undefined && file.unended?.length && isOurs) write(last)
        else releaseLock(paths.bot, file)
      } catch (error) {
        tell(`${paths.bot} could not be removed: ${messageOf(error)}`)
      }
    },
  }
  if (previous.length > 0) noteUnended(claim)
  return claim
}

function notWritable({ home, state }: HomePaths, why: Error): CatalystError {
  const code = codeOf(why)
  const isTransient = TRANSIENT.includes(code ?? '') // then a service manager is to try again
  return new CatalystError(
    `The home ${home} can't be written to: ${isNoRoom(why) ? writeFault(why, state) : (code ?? why.message)}.`,
    {
      code: 'HOME_NOT_WRITABLE',
      exit: isTransient ? EXIT.failed : EXIT.notAllowed,
      suggestions: [
        isTransient
          ? 'Check the disk: is it full, or mounted read-only? A service or a watchdog then starts the bot by itself.'
          : `Run it as the owner of ${home}, or give this user write permission there.`,
        ...(isInContainer()
          ? [`In a container, mount volumes there: --volume state:${home}/.catalyst --volume data:${home}/data`]
          : []),
      ],
    },
  )
}

/** Writes down the leftovers of earlier bots, for the next bot, should this one be killed before it has ended them. */
function noteUnended({ previous, update }: Claim): void {
  try {
    update({ unended: previous })
  } catch {
    // a disk that is full: we know it ourselves
  }
}

/**
 * Returns the last bot and those whose leftovers it did not end. Beyond the limit, those that had no program yet are
 * forgotten first.
 */
function unendedUpTo({ unended = [], pid, since, instance, program }: BotFile): readonly Unended[] {
  const all = [...unended, { pid, since, instance, ...(program && { program }) }]
  while (all.length > REMEMBERED) {
    const idle = all.findIndex((one) => one.program === undefined)
    all.splice(Math.max(0, idle), 1)
  }
  return all
}

/**
 * Returns why a bot can't write its files in the home; undefined where it can. It makes missing folders. A full disk is
 * no reason: a spare file still takes the lock, and a bot that can't write much is better than none.
 */
export function unwritableHome(paths: HomePaths): CatalystError | undefined {
  const obstacle = [paths.state, paths.data].map(whyNotWritable).find((why) => why !== undefined && !isNoRoom(why))
  return obstacle && notWritable(paths, obstacle)
}
