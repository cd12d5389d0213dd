// The package for Debian and its kin, made by dpkg-deb: the folder, completion, a manual page. See deb/postinst for upgrades.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { filesOf } from './archives.js'
import { makeFolder, packageJson } from './folder.js'
import { manPage } from './man.js'
import { buildTime } from './time.js'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Debian's words for node's architectures. */
export const DEB_ARCHITECTURES = { x64: 'amd64', arm64: 'arm64' }

/** What node's program needs, by its symbols: glibc 2.28, as in Debian 10, Ubuntu 20.04 and all since. */
const DEPENDS = 'libatomic1, libc6 (>= 2.28), libgcc-s1 | libgcc1, libstdc++6 (>= 8)'

/** Returns the name of the package's file. */
export function debName(arch, version = packageJson().version) {
  return `catalyst_${debVersion(version)}_${DEB_ARCHITECTURES[arch]}.deb`
}

/** Makes the package below the folder `out`, and returns its path. */
export async function makeDeb({ arch, work, out }) {
  const tree = join(work, `deb-${arch}`)
  await layDownDeb({ arch, into: tree })
  return packDeb(tree, join(out, debName(arch)))
}

/** The folder of the program in the package. */
export const PROGRAM = 'usr/lib/catalyst/package'

/** Lays down what the package has in it, at `into`. */
export async function layDownDeb({ arch, into }) {
  const { version } = packageJson()
  makeFolders(into, PROGRAM)
  await makeFolder({ platform: 'linux', arch, form: 'deb', into: join(into, PROGRAM) })
  put(into, 'usr/share/bash-completion/completions/catalyst', completion('bash'))
  put(into, 'usr/share/zsh/vendor-completions/_catalyst', completion('zsh'))
  put(into, 'usr/share/fish/vendor_completions.d/catalyst.fish', completion('fish'))
  put(into, 'usr/share/man/man1/catalyst.1.gz', gzipSync(manPage({ version, date: buildTime() }), { level: 9 }))
  put(into, 'usr/share/doc/catalyst/copyright', copyright())
  put(into, 'usr/share/doc/catalyst/changelog.gz', gzipSync(changelog(version), { level: 9 }))
  put(into, 'usr/share/lintian/overrides/catalyst', readFileSync(join(root, 'scripts/dist/deb/lintian-overrides')))
  makeFolders(into, 'usr/bin')
  symlinkSync('../lib/catalyst/current/catalyst', join(into, 'usr/bin/catalyst'))
  writeControl({ into, version, arch })
}

/** Writes the package's control files anew: what dpkg reads, its scripts, and the sums of all files. */
export function writeControl({ into, version, arch }) {
  for (const name of ['postinst', 'prerm']) {
    const script = readFileSync(join(root, 'scripts/dist/deb', name), 'utf8')
    put(into, `DEBIAN/${name}`, script.replace('@VERSION@', version), 0o755)
  }
  const files = filesOf(into).filter((path) => !path.startsWith('DEBIAN/') && path !== 'usr/bin/catalyst')
  put(into, 'DEBIAN/md5sums', files.map((path) => `${md5(join(into, path))}  ${path}\n`).join(''))
  const size = files.reduce((sum, path) => sum + Math.ceil(statSync(join(into, path)).size / 1024), 0)
  put(into, 'DEBIAN/control', controlText({ version, arch, size }))
}

function md5(file) {
  return createHash('md5').update(readFileSync(file)).digest('hex')
}

/** Writes a file of the package, whatever the umask. dpkg-deb sets the times. */
function put(into, path, bytes, mode = 0o644) {
  makeFolders(into, dirname(path))
  writeFileSync(join(into, path), bytes)
  chmodSync(join(into, path), mode)
}

function makeFolders(into, path) {
  if (path !== '.') makeFolders(into, dirname(path))
  mkdirSync(join(into, path), { recursive: true })
  chmodSync(join(into, path), 0o755)
}

/** Packs what was laid down. `compression` are dpkg-deb's own words. */
export function packDeb(tree, file, compression = ['-Zxz']) {
  const seconds = String(buildTime().getTime() / 1000)
  const env = { ...process.env, SOURCE_DATE_EPOCH: seconds }
  const args = ['--root-owner-group', ...compression, '--build', tree, file]
  const { status, stderr, error } = spawnSync('dpkg-deb', args, { env, encoding: 'utf8' })
  if (status !== 0) throw new Error(`dpkg-deb failed: ${error?.message ?? stderr.trim()}`)
  return file
}

function controlText({ version, arch, size }) {
  return `Package: catalyst
Version: ${debVersion(version)}
Architecture: ${DEB_ARCHITECTURES[arch]}
Maintainer: The Catalyst authors <catalyst@catalyst.invalid>
Installed-Size: ${size}
Depends: ${DEPENDS}
Recommends: git, systemd
Suggests: restic
Section: admin
Priority: optional
Description: runs a bot in any language 24/7
 Everything between "node bot.js" and 24/7: run a bot as a native service, know
 whether it really works, bring it back, ship a version and take it back.
 .
 Node.js is part of the package: no other is needed, and no upgrade of another
 one changes what services run. Upgrades restart installed services one by one,
 each through its health check, and take themselves back when a bot does not
 come up.
`
}

/** Returns npm's version as dpkg sorts it: 1.0.0-beta.1 comes before 1.0.0. */
function debVersion(version) {
  return version.replace('-', '~')
}

function changelog(version) {
  const date = buildTime().toUTCString().replace('GMT', '+0000')
  return `catalyst (${debVersion(version)}) stable; urgency=medium

  * See CHANGELOG.md of the project.

 -- The Catalyst authors <catalyst@catalyst.invalid>  ${date}
`
}

/** Returns the licenses of all that is in the package (Debian Policy 12.5). */
function copyright() {
  const [own, others] = [join(root, 'LICENSE'), join(root, 'dist/THIRD-PARTY-LICENCES.txt')]
  return [readFileSync(own, 'utf8'), readFileSync(others, 'utf8')].join('\n')
}

function completion(shell) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, 'bin/run.js'), 'completion', shell], {
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`catalyst completion ${shell} failed: ${stderr.trim()}`)
  return stdout
}
