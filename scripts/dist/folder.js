// The self-contained folder: node beside the bundle. All forms but the npm package are made of it.
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  lutimesSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { basename, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { makeCodeCaches } from './code-caches.js'
import { nodeLicense, nodeProgram } from './nodes.js'
import { buildTime } from './time.js'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** The forms that a folder can be part of: what `catalyst update` goes by. */
const FORMS = ['tarball', 'zip', 'deb', 'wheel', 'image']

const POSIX_LAUNCHER = `#!/bin/sh
# Starts Catalyst with the node beside it. May be called by a symbolic link.
case $0 in
  */*) self=$0 ;;
  *) self=./$0 ;;
esac
while [ -L "$self" ]; do
  target=$(readlink "$self")
  case $target in
    /*) self=$target ;;
    *) self=\${self%/*}/$target ;;
  esac
done
folder=\${self%/*}
@CHECK@exec "$folder/runtime/node" "$folder/app/bin/run.js" "$@"
`

/** What a launcher says where node can't start: since version 25 it needs a library that a plain Debian or Ubuntu has not. */
const LINUX_CHECK = `for library in /lib/*/libatomic.so.1 /usr/lib/*/libatomic.so.1 /usr/lib/libatomic.so.1 /usr/lib64/libatomic.so.1; do
  [ ! -e "$library" ] || break
done
if [ ! -e "$library" ] && ! "$folder/runtime/node" --version >/dev/null 2>&1; then
  echo 'catalyst: Node.js needs the library libatomic, which is missing here. Nothing was done.' >&2
  echo 'Debian, Ubuntu: sudo apt install libatomic1' >&2
  echo 'Fedora, Red Hat: sudo dnf install libatomic' >&2
  exit 1
fi
`

const WINDOWS_LAUNCHER = `@echo off
"%~dp0runtime\\node.exe" "%~dp0app\\bin\\run.js" %*
`.replaceAll('\n', '\r\n')

/** Returns the name of the folder and of its archive for a target such as `linux-x64`. */
export function folderName(target) {
  return `catalyst-${packageJson().version}-${target}`
}

/** Returns the name of the archive for a target. */
export function archiveName(target) {
  return `${folderName(target)}${target.startsWith('win-') ? '.zip' : '.tar.gz'}`
}

/**
 * Lays down the self-contained folder at `into`, which is emptied first: `catalyst`, `runtime/` and `app/`. `platform` and
 * `arch` are node's words. All files get the time of the build, so that what is packed from it is the same each time.
 */
export async function makeFolder({ platform, arch, form, into }) {
  if (!FORMS.includes(form)) throw new Error(`there is no form ${form}: ${FORMS.join(', ')}`)
  if (!existsSync(join(root, 'dist', 'catalyst.cjs'))) throw new Error('catalyst is not built yet. Run: npm run build')
  const isWindows = platform === 'win32'
  const program = await nodeProgram(`${isWindows ? 'win' : platform}-${arch}`)
  rmSync(into, { recursive: true, force: true })
  mkdirSync(join(into, 'runtime'), { recursive: true })
  copyFileSync(program, join(into, 'runtime', basename(program)))
  copyFileSync(await nodeLicense(), join(into, 'runtime', 'LICENSE'))
  if (isWindows) writeFileSync(join(into, 'catalyst.cmd'), WINDOWS_LAUNCHER)
  else writeFileSync(join(into, 'catalyst'), POSIX_LAUNCHER.replace('@CHECK@', platform === 'linux' ? LINUX_CHECK : ''))
  makeApp(join(into, 'app'), form)
  const isOurs = platform === process.platform && arch === process.arch
  if (isOurs) await makeCodeCaches(join(into, 'runtime', basename(program)), join(into, 'app'))
  settle(into)
}

function makeApp(app, form) {
  for (const file of ['bin/run.js', 'bin/package.json', 'oclif.manifest.json', 'LICENSE'])
    cpSync(join(root, file), join(app, file), { recursive: true })
  cpSync(join(root, 'dist'), join(app, 'dist'), { recursive: true, filter: (path) => !isNotNeeded(path) })
  const { name, version, description, license, repository, oclif } = packageJson()
  write(join(app, 'package.json'), { name, version, description, license, repository, private: true, oclif })
  write(join(app, 'installed-as.json'), { form })
}

/**
 * Returns whether a file of dist/ is of no use here: what a bot imports from the npm package, the list for the SBOM, and
 * the cache of another node.
 */
function isNotNeeded(path) {
  return /^(types|index\.js|bundled\.json|.+\.cache)$/.test(relative(join(root, 'dist'), path))
}

function write(path, value) {
  writeFileSync(path, `${JSON.stringify(value, null, 2)}\n`)
}

/** Returns the project's own package.json. */
export function packageJson() {
  return JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
}

/** Sets modes and times, which a builder's umask and clock would else decide. */
export function settle(folder) {
  const time = buildTime()
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) settle(path)
    else {
      chmodSync(path, isProgram(entry.name) ? 0o755 : 0o644)
      lutimesSync(path, time, time)
    }
  }
  chmodSync(folder, 0o755)
  lutimesSync(folder, time, time)
}

/** Returns whether a file of this name is to be executable. */
export function isProgram(name) {
  return ['catalyst', 'node', 'node.exe'].includes(name)
}
