import { expect } from 'chai'
import { commandLine } from '#core/config/command-words.js'
import { installLines } from '#core/init/command/install-command.js'
import { detect } from '#core/init/detect.js'
import { aBotFolder } from '../../support/builders/bot-files.js'

const json = (value: unknown) => JSON.stringify(value)
const started = (start: string, more: Readonly<Record<string, string>> = {}) => ({
  'package.json': json({ scripts: { start, ...more } }),
})

describe('detect', () => {
  /** What a folder's files say, and the command that they mean: the likeliest first. */
  const FOUND: readonly (readonly [what: string, files: Record<string, string>, command: string, from: string])[] = [
    ["npm's start script", started('node src/bot.js'), 'node src/bot.js', 'package.json, "start"'],
    [
      'a script that calls another',
      started('npm run bot', { bot: 'node bot.js' }),
      'node bot.js',
      'package.json, "start"',
    ],
    ['a tool of development', started('nodemon --inspect bot.js'), 'node --inspect bot.js', 'package.json, "start"'],
    ['TypeScript by tsx', started('tsx watch src/bot.ts'), 'node --import tsx src/bot.ts', 'package.json, "start"'],
    [
      'a tool of development, whose own options are left out',
      started('nodemon --watch src -e ts -r dotenv/config bot.js --loop'),
      'node -r dotenv/config bot.js --loop',
      'package.json, "start"',
    ],
    [
      'a tool of development with another program',
      started('nodemon --exec "ts-node --swc" src/bot.ts'),
      'node node_modules/ts-node/dist/bin.js --swc src/bot.ts',
      'package.json, "start"',
    ],
    ['a tool of development that takes the main file', started('nodemon'), 'node .', 'package.json, "start"'],
    ['what dotenv starts', started('dotenv -e .env -- node bot.js'), 'node bot.js', 'package.json, "start"'],
    [
      'a file that bun runs',
      { ...started('bun run index.ts'), 'index.ts': '' },
      'bun run index.ts',
      'package.json, "start"',
    ],
    [
      'TypeScript by ts-node',
      started('ts-node src/bot.ts'),
      'node node_modules/ts-node/dist/bin.js src/bot.ts',
      'package.json, "start"',
    ],
    [
      'a program of a package',
      { ...started('probot run ./index.js'), 'node_modules/.bin/probot': '' },
      'node_modules/.bin/probot run ./index.js',
      'package.json, "start"',
    ],
    [
      'the main file',
      { 'package.json': json({ main: './lib/bot.js' }), 'lib/bot.js': '' },
      'node lib/bot.js',
      'package.json, "main"',
    ],
    ['a file of a usual name', { 'bot.mjs': '' }, 'node bot.mjs', "a file's name"],
    ['a main file in Python', { 'main.py': '' }, 'python3 main.py', 'main.py'],
    [
      'requirements, which give each release a .venv',
      { 'bot.py': '', 'requirements.txt': '' },
      '.venv/bin/python bot.py',
      'bot.py',
    ],
    [
      'a virtual environment of another name',
      { 'bot.py': '', 'venv/pyvenv.cfg': '' },
      '/srv/bot/venv/bin/python bot.py',
      'bot.py',
    ],
    [
      'a virtual environment of a third name, beside requirements',
      { 'bot.py': '', 'requirements.txt': '', 'env/pyvenv.cfg': '' },
      '/srv/bot/env/bin/python bot.py',
      'bot.py',
    ],
    ['the only script in Python', { 'my bot.py': '', 'setup.py': '' }, "python3 'my bot.py'", 'my bot.py'],
    [
      'a package that runs',
      { 'mybot/__main__.py': '', 'requirements.txt': '' },
      '.venv/bin/python -m mybot',
      'mybot/__main__.py',
    ],
    [
      'a script of pyproject.toml',
      { 'pyproject.toml': '[project]\nname = "x"\n\n[project.scripts]\nmybot = "mybot.cli:main"\n', 'uv.lock': '' },
      ".venv/bin/python -c 'from mybot.cli import main; main()'",
      'pyproject.toml, "mybot"',
    ],
    [
      'the same, installed',
      {
        'pyproject.toml': '[project.scripts]\nmybot = "mybot.cli:main"\n',
        '.venv/pyvenv.cfg': '',
        '.venv/bin/mybot': '',
      },
      '/srv/bot/.venv/bin/mybot',
      'pyproject.toml, "mybot"',
    ],
    [
      'a Dockerfile, with the paths of its folder',
      {
        Dockerfile:
          'FROM python\nCMD ["true"]\nFROM python\nWORKDIR /app\nENTRYPOINT ["tini", "--"]\nCMD ["python", "/app/x.py"]\n',
      },
      'python3 x.py',
      'Dockerfile',
    ],
    [
      "a Dockerfile in a shell's form",
      { Dockerfile: 'FROM node\nCMD exec node x.js --loop\n' },
      'node x.js --loop',
      'Dockerfile',
    ],
    [
      'a command that a wrapper in a Dockerfile starts',
      { Dockerfile: 'FROM node\nENTRYPOINT ["tini", "-g", "--"]\nCMD node x.js\n' },
      'node x.js',
      'Dockerfile',
    ],
    [
      'a Procfile: the worker before the web',
      { Procfile: 'release: rake db\nweb: node web.js\nworker: poetry run python work.py\n' },
      'python3 work.py',
      'Procfile, "worker"',
    ],
    [
      "pm2's ecosystem file, which is not run",
      {
        'ecosystem.config.js':
          "const path = require('path')\nmodule.exports = { apps: [{ name: 'b', script: 'bot.js', args: '--a \"b c\"', env: { A: process.env.A, B: 1 } }] }",
      },
      "node bot.js --a 'b c'",
      'ecosystem.config.js, "b"',
    ],
  ]
  for (const [what, files, command, from] of FOUND)
    it(`finds ${what}`, () => {
      const [first] = detect(aBotFolder(files)).found
      expect(first && { command: commandLine(first.words), from: first.from }).to.deep.equal({ command, from })
    })

  it('names all files of a usual name, so that the second can be chosen', () => {
    const { found } = detect(aBotFolder({ 'bot.py': '', 'main.py': '' }))
    expect(found.map(({ from }) => from)).to.deep.equal(['bot.py', 'main.py'])
    const ofNode = detect(aBotFolder({ 'package.json': '{}', 'bot.js': '', 'index.js': '' })).found
    expect(ofNode.map(({ words }) => words[1])).to.deep.equal(['bot.js', 'index.js'])
  })

  it("never shows a value that a script's line assigns", () => {
    const { found, refused } = detect(
      aBotFolder(started('cross-env TOKEN=s3cret node bot.js', { prod: 'a; KEY="s3 cret" node bot.js' })),
    )
    expect(JSON.stringify([found[0]?.notes, refused]))
      .to.match(/TOKEN=…/)
      .and.to.match(/KEY=…/)
      .and.not.to.match(/s3/)
  })

  it('says that a file of dotenv is not read', () => {
    const [first] = detect(aBotFolder(started('dotenv -e prod.env -- node bot.js'))).found
    expect(first?.notes).to.include('prod.env is not read here: put its lines into .env')
  })

  it("takes what a unit of systemd runs in this folder, with its settings, and says that two of one bot don't go", () => {
    const unit = `[Service]\nWorkingDirectory=/srv/bot\nEnvironment="A=b c" B=1\nEnvironmentFile=/etc/bot.env\nExecStart=/srv/bot/.venv/bin/python /srv/bot/bot.py --live\n`
    const files = { 'bot.py': '', 'requirements.txt': '', '.venv/pyvenv.cfg': '' }
    const { found } = detect(aBotFolder(files, { units: { '/etc/systemd/system/old.service': unit } }))
    expect(found[0]).to.deep.include({
      from: 'the unit old.service',
      runner: { kind: 'unit', name: 'old.service', path: '/etc/systemd/system/old.service' },
      words: ['.venv/bin/python', 'bot.py', '--live'],
      settings: { A: 'b c', B: '1' },
    })
    expect(found[0]?.notes.join('\n'))
      .to.match(/systemctl disable --now old\.service/)
      .and.to.match(/EnvironmentFile \/etc\/bot\.env is not read/)
  })

  it('leaves a unit of another folder alone', () => {
    const unit = '[Service]\nWorkingDirectory=/srv/other\nExecStart=/usr/bin/node bot.js\n'
    expect(detect(aBotFolder({}, { units: { '/etc/systemd/system/other.service': unit } })).found).to.deep.equal([])
  })

  /** Lines that only a shell understands: what is said, and what to do instead. */
  const REFUSED: readonly (readonly [line: string, instead: RegExp])[] = [
    [
      'npm run build && node dist/bot.js',
      /^Name the program itself: catalyst init --command "node dist\/bot\.js"; build it beforehand$/,
    ],
    ['npm run build && yarn work', /--command "node lib\/bot\.js"; build it beforehand/],
    ['cd src && node bot.js', /--command "sh -c 'cd src && exec node bot\.js'"$/],
    ['pm2 start bot.js', /--command "node bot\.js"$/],
    ['pm2-runtime ecosystem.config.js', /--command "…"$/],
    ['tini', /--command "…"$/],
    ['node bot.js | tee log', /without operators and variables/],
    ['node bot.js --port $PORT', /without operators and variables/],
    ['node bot.js > log 2>&1', /without operators and variables/],
    ['npm run nothing', /--command/],
  ]
  for (const [line, instead] of REFUSED)
    it(`does not propose: ${line}`, () => {
      const { found, refused } = detect(aBotFolder(started(line, { work: 'node lib/bot.js' })))
      expect(found).to.deep.equal([])
      expect(refused[0]?.instead).to.match(instead)
    })

  it('names the shell and the lines of Windows there', () => {
    const windows = { platform: 'win32' } as const
    const { refused } = detect(aBotFolder(started('cd src && node bot.js'), windows))
    expect(refused[0]?.instead).to.contain('--command "cmd /c \\"cd src && node bot.js\\""')
    expect(installLines(aBotFolder({ 'requirements.txt': '' }, windows))).to.deep.equal([
      'python -m venv .venv',
      '.venv\\Scripts\\pip install -r requirements.txt',
    ])
  })

  it('ends where scripts name each other', () => {
    expect(detect(aBotFolder(started('npm run a', { a: 'npm run start' }))).refused[0]?.why).to.equal(
      'its scripts name each other',
    )
  })

  it('takes the assignments before a command as settings', () => {
    const [first] = detect(aBotFolder(started('cross-env NODE_ENV=production LEVEL="a b" node bot.js'))).found
    expect(first).to.deep.include({ words: ['node', 'bot.js'], settings: { NODE_ENV: 'production', LEVEL: 'a b' } })
  })

  it('says what it leaves out: npm, and scripts that npm would run before', () => {
    const [first] = detect(aBotFolder(started('node bot.js', { prestart: 'tsc' }))).found
    expect(first?.notes).to.deep.equal([
      'npm is left out, so that signals reach the bot: start is "node bot.js"',
      '"prestart" is not run: tsc',
    ])
  })

  it("says that an ecosystem file whose apps only running it would tell can be taken over from pm2's list", () => {
    const files = { 'ecosystem.config.js': "module.exports = { apps: require('./apps') }" }
    expect(detect(aBotFolder(files)).refused[0]?.instead).to.contain('catalyst init --from-pm2')
  })

  it('knows a module for Catalyst, which node alone would not run', () => {
    const text = "export default {\n  name: 'mine',\n  async cycle(ctx) {},\n}\n"
    expect(detect(aBotFolder({ 'bot.mjs': text })).found[0]).to.include({ module: 'bot.mjs' })
    expect(detect(aBotFolder({ 'bot.mjs': 'export default 1' })).found[0]).to.not.have.property('module')
  })

  it('names the same command once', () => {
    const files = { ...started('node bot.js'), Procfile: 'worker: npm start\n', 'bot.js': '' }
    expect(detect(aBotFolder(files)).found.map(({ from }) => from)).to.deep.equal(['Procfile, "worker"'])
  })
})
