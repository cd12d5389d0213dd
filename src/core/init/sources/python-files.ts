import type { BotFiles } from '#core/init/bot-files.js'
import { pythonOf, pythonProgram } from '#core/init/command/python.js'
import type { Candidate } from '#core/init/found-bot.js'

const USUAL = ['bot.py', 'main.py', 'app.py', 'run.py', '__main__.py', 'src/bot.py', 'src/main.py']
/** Scripts beside a bot. */
const HELPERS = ['setup.py', 'conftest.py', 'config.py', 'settings.py', '__init__.py']

/** Finds the bot of a folder in Python: a script of pyproject.toml, a package that runs, else a file of a usual name. */
export function fromPythonFiles(files: BotFiles): Candidate[] {
  return [...fromPyproject(files), ...fromPackages(files), ...fromUsual(files)].slice(0, 3)
}

function fromPyproject(files: BotFiles): Candidate[] {
  const section = /^\[(?:project|tool\.poetry)\.scripts\]\s*$([\s\S]*?)(?=^\[|$(?![\s\S]))/m.exec(
    files.text('pyproject.toml') ?? '',
  )?.[1]
  const scripts = [...(section ?? '').matchAll(/^\s*["']?([\w.-]+)["']?\s*=\s*["']([\w.]+):([\w.]+)["']/gm)]
  return scripts.map(([, name = '', module = '', run = '']) => ({
    from: `pyproject.toml, "${name}"`,
    words: wordsFor(files, { name, module, run }),
    settings: {},
    notes: [],
  }))
}

/** Returns how to run a script of pyproject.toml: as it is installed, else as Python would run it. */
function wordsFor(files: BotFiles, { name, module, run }: { name: string; module: string; run: string }): string[] {
  const python = pythonOf(files)
  const program = pythonProgram(files, name)
  const path = program.startsWith(`${files.folder}/`) ? program.slice(files.folder.length + 1) : program
  if (path.includes('/') && files.has(path)) return [program]
  return [python, '-c', `from ${module} import ${run.split('.', 1)[0]}; ${run}()`]
}

function fromPackages(files: BotFiles): Candidate[] {
  const packages = files.names('').filter((name) => /^[a-z_]\w*$/i.test(name) && files.has(`${name}/__main__.py`))
  return packages.map((name) => ({
    from: `${name}/__main__.py`,
    words: [pythonOf(files), '-m', name],
    settings: {},
    notes: [],
  }))
}

function fromUsual(files: BotFiles): Candidate[] {
  const usual = USUAL.filter(files.has)
  const scripts = files.names('').filter((name) => name.endsWith('.py') && !HELPERS.includes(name))
  const found = usual.length > 0 || scripts.length > 1 ? usual : scripts // a single script needs no usual name
  return found.map((path) => ({ from: path, words: [pythonOf(files), path], settings: {}, notes: [] }))
}
