import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { currentUser, type User } from '#core/platform/process/users.js'
import { type Action, carryOut } from '#core/service/action.js'
import { type LaunchdOptions, launchd } from '#core/service/launchd/launchd.js'
import { tempFolder } from '../../support/temp.js'

export const ANN: User = { uid: 501, gid: 20, name: 'ann', folder: '/Users/ann' }
export const ROOT: User = { uid: 0, gid: 0, name: 'root', folder: '/var/root' }

/**
 * As strict as that of macOS 15: it doesn't know `--wait`; `bootout` comes back while what ran is still ending, and
 * until then its label is taken; what was loaded stays as it was; and what starts by being loaded can't be kicked.
 *
 * It knows one service, and goes by files beside it. What is so: `loaded` (from where), `loaded.plist` (a copy),
 * `draining`, `starting`, `pended`, `disabled`. What a test may want: `drain` (how many commands long a service ends;
 * else 1), `new` (as in macOS 26), `lazy` (what is loaded is put off), `bad` (is refused), `nobody` (is at the screen),
 * `powerless` (who asks isn't root).
 */
const FAKE = `#!/bin/sh
cd "$(dirname "$0")" || exit 99
echo "$*" >> calls
no() { echo "$2" >&2; exit "$1"; }
unload() { rm -f loaded loaded.plist draining starting pended; }
if [ -f draining ]; then
  left=$(cat draining)
  if [ "$left" -gt 0 ]; then echo $((left - 1)) > draining; else unload; fi
fi
[ -f starting ] && { rm starting; starts=1; }
case "$1" in print*) ;; *) [ -f powerless ] && no 1 "$1 failed: 1: Operation not permitted" ;; esac
case "$1 $2" in
  'print gui/501' | 'print system')
    [ -f nobody ] && no 125 'Domain does not support specified action'; echo domain ;;
  print-disabled*) printf '\\tdisabled services = {\\n'
    [ -f disabled ] && printf '\\t\\t"catalyst.NewsBot" => disabled\\n'; printf '\\t}\\n' ;;
  print*) [ -f loaded ] || no 113 'Could not find service'
    state=running; [ -f pended ] && state='not running'; [ -f draining ] && state=SIGTERMed
    printf '%s = {\\n\\tpath = %s\\n\\tstate = %s\\n\\tworking directory = /Users/ann/bot\\n' "$2" "$(cat loaded)" "$state"
    printf '\\tenvironment = {\\n\\t\\tCATALYST_SERVICE => NewsBot\\n\\t}\\n\\truns = 1\\n\\tpid = 4242\\n}\\n' ;;
  enable*) rm -f disabled ;;
  bootstrap*) [ -f loaded ] && no 5 'Bootstrap failed: 5: Input/output error'
    [ -f disabled ] && no 119 'Bootstrap failed: 119: Service is disabled'
    [ -f bad ] && no 122 'Bootstrap failed: 122: Path had bad ownership/permissions'
    cp "$3" loaded.plist || exit 2
    echo "$3" > loaded; if [ -f lazy ]; then touch pended; else touch starting; fi ;;
  'bootout --wait') [ -f new ] || no 64 'Unrecognized target specifier.'
    [ -f loaded ] || no 3 'Boot-out failed: 3: No such process'; unload ;;
  bootout*) [ -f loaded ] || no 3 'Boot-out failed: 3: No such process'
    [ -f draining ] && no 36 'Boot-out failed: 36: Operation now in progress'
    if [ -f drain ]; then cp drain draining; else echo 1 > draining; fi ;;
  kickstart*) [ -f loaded ] || no 113 'Could not find service'
    [ -f draining ] || [ "$starts" ] && no 37 'Operation already in progress'; rm -f pended ;;
  *) no 64 "unknown: $*" ;;
esac
`

/** Writes a program that is a shell script. */
export function scriptAt(path: string, text: string): string {
  writeFileSync(path, text)
  chmodSync(path, 0o755)
  return path
}

/** A launchd of its own, whose agents and daemons are in a temporary folder. */
export function withLaunchd(options: Partial<LaunchdOptions> = {}) {
  const folder = tempFolder()
  const manager = launchd({
    scope: 'user',
    home: '/Users/ann/bot',
    user: { ...ANN, folder },
    systemFolder: join(folder, 'LaunchDaemons'),
    launchctl: scriptAt(join(folder, 'launchctl'), FAKE),
    plutil: join(folder, 'plutil'),
    stopMs: 10_000,
    ...options,
  })
  const place = join(folder, 'Library/LaunchAgents/catalyst.NewsBot.plist')
  const lines = () =>
    existsSync(join(folder, 'calls')) ? readFileSync(join(folder, 'calls'), 'utf8').trim().split('\n') : []
  return {
    manager,
    folder,
    place,
    /** A fact that the fake goes by. */
    knows: (what: string, text = '') => writeFileSync(join(folder, what), text),
    forgets: (what: string) => rmSync(join(folder, what), { force: true }),
    is: (what: string) => existsSync(join(folder, what)),
    /** The property list that launchd goes by, whatever the file says by now. */
    loaded: () => readFileSync(join(folder, 'loaded.plist'), 'utf8'),
    calls: lines,
    /** What it is asked and told by these actions. */
    async does(actions: readonly Action[]) {
      const before = lines().length
      await carryOut(actions, currentUser())
      return lines().slice(before)
    },
    write(text: string | Buffer) {
      mkdirSync(join(folder, 'Library/LaunchAgents'), { recursive: true })
      writeFileSync(place, text)
    },
  }
}
