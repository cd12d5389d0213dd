import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { TestRepository } from '../support/deploy/repository.js'
import { ROOT } from '../support/e2e/root.js'
import { removeTempFolders, tempFolder } from '../support/temp.js'

const BIN = join(ROOT, 'bin', 'run.js')

/** Asks a real shell what it completes at the end of a line. */
type Completes = (line: string, folder: string) => string[]

/** zsh shows completions in a terminal only: it gets one, and what is listed is read from it. */
const ZSH = `
import os, pty, re, select, sys, time
script, line = sys.argv[1:3]
pid, terminal = pty.fork()
if pid == 0:
    os.environ.update(TERM="dumb", PS1="$ ", COLUMNS="200", LINES="200")
    os.execvp("zsh", ["zsh", "-f", "-i"])
def read(seconds):
    shown, late = b"", time.monotonic() + seconds
    while time.monotonic() < late:
        if select.select([terminal], [], [], 0.1)[0]:
            try: shown += os.read(terminal, 65536)
            except OSError: break
            if b"DONE" in shown: break
    return shown.decode(errors="replace")
setup = [
    "autoload -U compinit; compinit -u -D; source " + script,
    "zstyle ':completion:*' list-prompt ''; zstyle ':completion:*' menu no; LISTMAX=0; setopt no_beep",
    "compadd() { local -a all; builtin compadd -O all \\"$@\\"; print -l -- $all >> $OUT; builtin compadd \\"$@\\" }",
    "bindkey '^I' complete-word; print DO''NE",
]
read(1)
os.write(terminal, ("\\n".join(setup) + "\\n").encode())
read(20)
os.write(terminal, (line + "\\t").encode())
time.sleep(1.5)
os.write(terminal, b"\\x15print DO''NE\\n")
read(5)
os.kill(pid, 9)
os.waitpid(pid, 0)
`

const inBash =
  (script: string): Completes =>
  (line, folder) => {
    const text = `source ${script}
COMP_LINE=${JSON.stringify(line)}; COMP_POINT=\${#COMP_LINE}
IFS=' ' read -ra COMP_WORDS <<< "$COMP_LINE"
[[ $COMP_LINE == *' ' ]] && COMP_WORDS+=('')
COMP_CWORD=$((\${#COMP_WORDS[@]} - 1))
_catalyst
printf '%s\\n' "\${COMPREPLY[@]}"`
    return linesOf(execFileSync('bash', ['--norc', '-c', text], { cwd: folder, encoding: 'utf8' }))
  }

const inFish =
  (script: string): Completes =>
  (line, folder) => {
    const text = `source ${script}; complete -C ${JSON.stringify(line)}`
    const env = { ...process.env, HOME: tempFolder(), XDG_CONFIG_HOME: tempFolder() }
    const found = execFileSync('fish', ['--no-config', '-c', text], { cwd: folder, encoding: 'utf8', env })
    return linesOf(found).map((one) => one.split('\t')[0] as string)
  }

const inZsh =
  (script: string): Completes =>
  (line, folder) => {
    const out = join(tempFolder(), 'out')
    fs.writeFileSync(out, '')
    execFileSync('python3', ['-c', ZSH, script, line], {
      cwd: folder,
      env: { ...process.env, OUT: out, ZDOTDIR: tempFolder() },
    })
    return linesOf(fs.readFileSync(out, 'utf8'))
  }

function linesOf(text: string): string[] {
  return text.split('\n').filter((line) => line !== '')
}

describe('e2e: completion in a real shell', () => {
  afterEach(removeTempFolders)

  for (const [shell, opened] of [
    ['bash', inBash],
    ['fish', inFish],
    ['zsh', inZsh],
  ] as const)
    describe(shell, function () {
      this.timeout(120_000)
      function ready(): { completes: Completes; folder: string } {
        const script = join(tempFolder(), `catalyst.${shell}`)
        fs.writeFileSync(script, execFileSync(process.execPath, [BIN, 'completion', shell], { encoding: 'utf8' }))
        const folder = tempFolder()
        const repository = new TestRepository(folder)
        repository.commit({ 'bot.mjs': '' })
        repository.git('tag', 'v1.2.3')
        fs.mkdirSync(join(folder, 'inner-folder'))
        return { completes: opened(script), folder }
      }

      for (const [what, line, found] of [
        ['a topic', 'catalyst serv', ['service']],
        ['the commands of a topic', 'catalyst watchdog ', ['pause', 'resume', 'run', 'status']],
        ['a command without a topic', 'catalyst his', ['history']],
        ['a flag', 'catalyst service install --with', ['--with-watchdog']],
        ['a flag after another', 'catalyst logs --follow --lev', ['--level']],
        ['the values of a flag', 'catalyst logs --level w', ['warning']],
        ['the values of an argument', 'catalyst service start wat', ['watchdog']],
        ['a version', 'catalyst deploy run v1', ['v1.2.3']],
        ['a version after a flag with a value', 'catalyst deploy run --home . v', ['v1.2.3']],
      ] as const)
        it(`completes ${what}: ${line}`, () => {
          const { completes, folder } = ready()
          expect(completes(line, folder)).to.include.members([...found])
        })

      it('completes a folder with a blank in its name as one', () => {
        const { completes, folder } = ready()
        fs.mkdirSync(join(folder, 'my bots'))
        const found = completes('catalyst status --home my', folder).map((one) => one.replace(/\/$/, ''))
        expect([...new Set(found.map((one) => one.replace('\\', '')))]).to.deep.equal(['my bots'])
      })

      it('runs nothing that a tag says', () => {
        const { completes, folder } = ready()
        execFileSync('git', ['-C', folder, 'tag', 'v2$(>run)'])
        completes('catalyst deploy run v', folder)
        expect(fs.existsSync(join(folder, 'run'))).to.equal(false)
      })

      it('completes folders of --home, and nothing where only the person knows', () => {
        const { completes, folder } = ready()
        const folders = completes('catalyst status --home inner', folder)
        expect(folders.map((one) => one.replace(/\/$/, ''))).to.include('inner-folder')
        expect(completes('catalyst logs --since 1', folder)).to.deep.equal([])
      })
    })
})
