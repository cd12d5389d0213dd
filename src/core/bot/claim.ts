import { randomUUID } from 'node:crypto'
import { CatalystError, codeOf, EXIT, messageOf } from '#core/errors.js'
import { type BotFile, readBotFile, type Unended } from '#core/state/bot-file.js'
import type { HomePaths } from '#core/state/home-paths.js'
import { writeJson } from '#core/state/json-file.js'
import { acquireLock, releaseLock } from '#core/state/lock.js'
import type { Clock } from '#core/system/clock.js'
import { OWNER_ONLY, whyNotWritable } from '#core/system/files.js'
import { thisProcess } from '#core/system/processes.js'
import { tell } from '#core/system/stderr.js'
import { localTime } from '#core/text.js'

/** This home is ours to run a bot in, until it is released. */
export interface Claim {
  readonly instance: string
  /** The bots that held the home and are gone without having said so, oldest first. */
  readonly previous: readonly Unended[]
  /** Adds what has become known to `bot.json`. */
  update(more: Partial<Pick<BotFile, 'endpoint' | 'control' | 'program' | 'unended'>>): void
  /** Gives the home back, and with it the care for what is yet to be ended. */
  release(): void
}

/** Of bots that were killed one after the other, each before it could do anything. */
const REMEMBERED = 10

const PASSING = ['ENOSPC', 'EDQUOT', 'EROFS', 'EIO', 'ESTALE', 'EMFILE', 'ENFILE']

/**
 * Takes the home, so that only one bot runs in it.
 * @throws CatalystError HOME_NOT_WRITABLE, BOT_RUNNING
 */
export async function claimHome(
  clock: Clock,
  paths: HomePaths,
  facts: Pick<BotFile, 'version' | 'release'>,
): Promise<Claim> {
  const obstacle = whyNotWritable(paths.state) ?? whyNotWritable(paths.data)
  if (obstacle !== undefined) {
    throw new CatalystError(`The home ${paths.home} can't be written to: ${codeOf(obstacle) ?? obstacle.message}.`, {
      code: 'HOME_NOT_WRITABLE',
      // what may pass, such as a full disk: a service manager is to try again
      ...(PASSING.includes(codeOf(obstacle) ?? '')
        ? { exit: EXIT.failed, suggestions: ['See to the disk: is it full, or mounted for reading only?'] }
        : {
            exit: EXIT.notAllowed,
            suggestions: [`Run it as the owner of ${paths.home}, or give this user the right to write there.`],
          }),
    })
  }
  let file: BotFile = {
    ...thisProcess(),
    instance: randomUUID(),
    since: new Date(clock.now()).toISOString(),
    ...facts,
  }
  const acquired = await acquireLock<BotFile>(clock, paths.bot, file)
  if ('heldBy' in acquired) {
    const { pid, since } = acquired.heldBy
    throw new CatalystError(`A bot already runs in ${paths.home}: pid ${pid}, since ${localTime(since)}.`, {
      code: 'BOT_RUNNING',
      exit: EXIT.busy,
      suggestions: ['Ask it how it is: catalyst health check', 'Follow its log: catalyst logs --follow'],
    })
  }
  const write = (content: BotFile) => writeJson(paths.bot, content, OWNER_ONLY)
  const { previous: last } = acquired
  const previous = last === undefined ? [] : unendedUpTo(last)
  const claim: Claim = {
    instance: file.instance,
    previous,
    update(more) {
      file = { ...file, ...more }
      write(file)
    },
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

/** From now on it is known to whoever comes after us, should we be killed before we have ended it. */
function noteUnended({ previous, update }: Claim): void {
  try {
    update({ unended: previous })
  } catch {
    // a disk that is full: we know it ourselves
  }
}

/** With those that it was killed too early to end. Who had no program yet has left the least: those are forgotten first. */
function unendedUpTo({ unended = [], pid, since, instance, program }: BotFile): readonly Unended[] {
  const all = [...unended, { pid, since, instance, ...(program && { program }) }]
  while (all.length > REMEMBERED) {
    const idle = all.findIndex((one) => one.program === undefined)
    all.splice(Math.max(0, idle), 1)
  }
  return all
}
