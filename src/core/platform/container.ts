import { exists } from './fs/files.js'
import { linkText } from './fs/links.js'
import { readIfAllowed } from './process/linux/proc.js'

/** The files that Docker and Podman leave in each container. */
const MARKS = ['/.dockerenv', '/run/.containerenv']
/** The namespace of processes that a Linux has booted with (PROC_PID_INIT_INO in its include/linux/proc_ns.h). */
const OF_THE_MACHINE = 'pid:[4026531836]'

/**
 * Returns whether this process runs in a container without a service manager, by the marks that Docker, Podman and
 * Kubernetes leave there. A machine that was made of an image has such a mark, too, but the machine's own processes.
 */
export function isInContainer(
  environment: NodeJS.ProcessEnv = process.env,
  isThere = exists,
  namespace = ownNamespace,
): boolean {
  const isMarked = environment.KUBERNETES_SERVICE_HOST !== undefined || MARKS.some(isThere)
  return isMarked && !isThere('/run/systemd/system') && ![undefined, OF_THE_MACHINE].includes(namespace())
}

function ownNamespace(): string | undefined {
  try {
    return linkText('/proc/self/ns/pid')
  } catch {
    return undefined // no Linux
  }
}

/** The files in which a container finds how many of its processes were killed for lack of memory: cgroups v2, then v1. */
const OOM_COUNTS = ['/sys/fs/cgroup/memory.events', '/sys/fs/cgroup/memory/memory.oom_control']

/**
 * Returns the number of processes in this container that the kernel has killed because its memory was used up; undefined
 * where nobody counts them, as mostly outside a container.
 */
export function memoryKills(read = readIfAllowed): number | undefined {
  const count = OOM_COUNTS.map((path) => /^oom_kill (\d+)$/m.exec(read(path) ?? '')?.[1]).find(
    (found) => found !== undefined,
  )
  return count === undefined ? undefined : Number(count)
}
