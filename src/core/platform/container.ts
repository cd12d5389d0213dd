import { exists } from './fs/files.js'
import { readIfAllowed } from './process/linux/proc.js'

/** The files that Docker and Podman leave in each container. */
const MARKS = ['/.dockerenv', '/run/.containerenv']

/** Returns whether this process runs in a container, by the marks that Docker, Podman and Kubernetes leave there. */
export function isInContainer(environment: NodeJS.ProcessEnv = process.env, isThere = exists): boolean {
  return environment.KUBERNETES_SERVICE_HOST !== undefined || MARKS.some(isThere)
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
