import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import fs from 'node:fs'
import { join } from 'node:path'
import { makeDebian } from '../support/debian.js'
import { until } from '../support/e2e/until.js'
import { tempFolder } from '../support/temp.js'

export interface Answer {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** Debian's packages in the stand-in for the images of Debian and of Python that the Dockerfiles name. */
const PACKAGES = ['ca-certificates', 'passwd', 'python3-venv']
const CGROUPS = '/sys/fs/cgroup'

/**
 * Podman and buildah with a storage of their own, in namespaces of their own: what is started in there ends with them.
 * Needs root, podman, buildah, crun and mmdebstrap.
 */
export class Engine {
  readonly folder = tempFolder()
  readonly #parent = `catalyst-test-${process.pid}`
  readonly #holder: ChildProcess
  readonly #inside: number

  constructor() {
    // crun takes cgroups of version 1 or 2, and not both of them
    const prepare = `set -e
      if mountpoint -q ${CGROUPS}/unified; then umount ${CGROUPS}/unified; fi
      echo ready
      exec sleep infinity`
    const flags = ['--mount', '--pid', '--fork', '--kill-child', '--mount-proc', '--propagation', 'private']
    this.#holder = spawn('unshare', [...flags, 'sh', '-c', prepare], { stdio: ['ignore', 'pipe', 'inherit'] })
    this.#inside = insideOf(this.#holder.pid as number)
    const write = (name: string, lines: readonly string[]) => {
      fs.writeFileSync(join(this.folder, name), `${lines.join('\n')}\n`)
    }
    write('containers.conf', [
      '[containers]',
      'default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]', // to raise them takes a right that root may lack
      '[engine]',
      'cgroup_manager = "cgroupfs"',
      'events_logger = "file"',
    ])
    const [root, run] = ['storage', 'run'].map((name) => join(this.folder, name))
    write('storage.conf', ['[storage]', 'driver = "overlay"', `graphroot = "${root}"`, `runroot = "${run}"`])
  }

  /** Runs a program among the containers, to its end. */
  run(program: string, args: readonly string[], { cwd = this.folder, input = '' } = {}): Answer {
    const words = ['--target', String(this.#inside), '--mount', '--pid', `--wdns=${cwd}`, program, ...args]
    const env = {
      ...process.env,
      CONTAINERS_CONF: join(this.folder, 'containers.conf'),
      CONTAINERS_STORAGE_CONF: join(this.folder, 'storage.conf'),
      TMPDIR: this.folder,
    }
    const { status, stdout, stderr } = spawnSync('nsenter', words, { env, input, encoding: 'utf8' })
    return { code: status ?? -1, stdout, stderr }
  }

  podman(...args: readonly string[]): Answer {
    return this.run('podman', args)
  }

  /** Makes the image `stand-in`: a Debian of its own packages. */
  async makeStandIn(): Promise<void> {
    const archive = join(this.folder, 'stand-in.tar')
    await makeDebian(archive, 'apt', PACKAGES)
    expectDone(this.podman('import', archive, 'localhost/stand-in'))
    fs.rmSync(archive)
  }

  /** Returns the size of an image in bytes, with that of the image that it is built on. */
  sizeOf(image: string): number {
    return Number(this.podman('inspect', '--type', 'image', '--format', '{{.Size}}', `localhost/${image}`).stdout)
  }

  /** Builds a Dockerfile in a folder by buildah. Docker's format has the HEALTHCHECK. */
  build(folder: string, tag: string, ...args: readonly string[]): void {
    const limits = ['--ulimit', 'nofile=1024:1024', '--ulimit', 'nproc=1024:1024']
    const words = [
      'build',
      '--quiet',
      '--format',
      'docker',
      '--network',
      'host',
      ...limits,
      '--tag',
      tag,
      ...args,
      folder,
    ]
    expectDone(this.run('buildah', words))
  }

  /** Starts a container that is isolated as far as it goes, and returns it. */
  start(name: string, args: readonly string[], ...command: readonly string[]): Container {
    const words = ['--detach', '--network', 'none', '--cgroup-parent', this.#parent, '--name', name]
    expectDone(this.podman('run', ...words, ...args, ...command))
    return new Container(this, name)
  }

  /** Runs a container to its end. */
  once(args: readonly string[], ...command: readonly string[]): Answer {
    const words = ['--rm', '--network', 'none', '--cgroup-parent', this.#parent]
    return this.podman('run', ...words, ...args, ...command)
  }

  /** Ends all that runs in there, and removes all that it has left. */
  async close(): Promise<void> {
    this.podman('rm', '--all', '--force', '--time', '0')
    const ended = new Promise((resolve) => this.#holder.once('exit', resolve))
    this.#holder.kill('SIGKILL')
    await ended
    const groups = [CGROUPS, ...fs.readdirSync(CGROUPS).map((name) => join(CGROUPS, name))]
    for (const group of groups) await until(() => removeCgroup(join(group, this.#parent))) // what was killed is leaving it
    fs.rmSync(this.folder, { recursive: true, force: true, maxRetries: 10 })
  }
}

export class Container {
  readonly #engine: Engine
  readonly name: string

  constructor(engine: Engine, name: string) {
    this.#engine = engine
    this.name = name
  }

  exec(...command: readonly string[]): Answer {
    return this.#engine.podman('exec', this.name, ...command)
  }

  logs(): string {
    const { stdout, stderr } = this.#engine.podman('logs', this.name)
    return stdout + stderr
  }

  /** Stops it as `docker stop` does. Returns its exit code, and how long it took, in seconds. */
  stop(graceSeconds: number): { code: number; seconds: number } {
    const began = performance.now()
    expectDone(this.#engine.podman('stop', '--time', String(graceSeconds), this.name))
    const seconds = (performance.now() - began) / 1000
    return { code: Number(this.inspect('{{.State.ExitCode}}')), seconds }
  }

  inspect(format: string): string {
    return this.#engine.podman('inspect', '--format', format, this.name).stdout.trim()
  }

  /** Runs its HEALTHCHECK. Returns whether it is healthy. */
  isHealthy(): boolean {
    return this.#engine.podman('healthcheck', 'run', this.name).code === 0
  }

  /** Its processes, as /proc shows them: pid, state and parent. */
  processes(): { pid: number; state: string; parent: number; name: string }[] {
    const { stdout } = this.exec('sh', '-c', 'cat /proc/[0-9]*/stat 2>/dev/null')
    return [...stdout.matchAll(/^(\d+) \((.*)\) (\w) (\d+)/gm)].map(([, pid, name = '', state = '', parent]) => ({
      pid: Number(pid),
      name,
      state,
      parent: Number(parent),
    }))
  }
}

/** Waits for the first process in the namespaces that `unshare` makes. */
function insideOf(unshare: number): number {
  for (let tries = 0; tries < 500; tries++) {
    const [child] = fs.readFileSync(`/proc/${unshare}/task/${unshare}/children`, 'utf8').trim().split(' ')
    if (child && fs.readFileSync(`/proc/${child}/cmdline`, 'utf8').startsWith('sleep')) return Number(child)
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20)
  }
  throw new Error('the namespaces for the containers did not come up')
}

/** Removes a cgroup with those in it, which are folders alone. Returns true when it is gone. */
function removeCgroup(path: string): boolean {
  if (!fs.existsSync(path)) return true
  for (const entry of fs.readdirSync(path, { withFileTypes: true }))
    if (entry.isDirectory()) removeCgroup(join(path, entry.name))
  fs.rmdirSync(path)
  return true
}

function expectDone({ code, stdout, stderr }: Answer): void {
  if (code !== 0) throw new Error(`exit code ${code}: ${stdout}${stderr}`)
}
