import { checkOf } from '#core/doctor/check.js'
import { type Judged, ok, warning } from '#core/doctor/finding.js'
import { isInContainer } from '#core/platform/container.js'
import { deviceOf } from '#core/platform/fs/files.js'
import { memoryLimit } from '#core/platform/machine.js'
import { programName } from '#core/platform/process/linux/proc.js'

const MB = 1024 * 1024

/** The facts about a container. */
export interface ContainerFacts {
  /** The folders of the home that lie in the container's own layer. */
  readonly layered: readonly string[]
  /** The program that runs as process 1; undefined where this user can't see it. */
  readonly first: string | undefined
  /** The container's limit of memory, if it has one. */
  readonly limitBytes: number | undefined
  readonly BOT_MAX_RSS_MB: number | undefined
}

/** Judges whether the container keeps what the home holds, reaps, and lets the watchdog see to memory first. */
export function judgeContainer({ layered, first, limitBytes, BOT_MAX_RSS_MB: most }: ContainerFacts): Judged[] {
  const limitMb = limitBytes === undefined ? undefined : Math.round(limitBytes / MB)
  const found = [
    ...layered.map((path) => warning(`${path} is in the container itself, and lost with it: mount a volume there`)),
    ...(first === 'node' ? [warning('its process 1 is node, which leaves zombies behind: run it with --init')] : []),
    ...(limitMb !== undefined && most !== undefined && most >= limitMb
      ? [
          warning(
            `at ${limitMb} MB the kernel kills the bot, before BOT_MAX_RSS_MB (${most}) restarts it: set it lower`,
          ),
        ]
      : []),
  ]
  if (found.length > 0) return found
  return [ok(`keeps the home's data and state${limitMb === undefined ? '' : `; ${limitMb} MB of memory at most`}`)]
}

export const containerCheck = checkOf<ContainerFacts | undefined>({
  id: 'container',
  platforms: ['linux'],
  read({ home: { paths, settings } }) {
    if (!isInContainer()) return undefined
    const own = deviceOf('/')
    return {
      layered: [paths.own, paths.data].filter((path) => deviceOf(path) === own),
      first: programName(1),
      limitBytes: memoryLimit(),
      BOT_MAX_RSS_MB: settings.BOT_MAX_RSS_MB,
    }
  },
  judge: (facts) => (facts === undefined ? [ok('this is none')] : judgeContainer(facts)),
})
