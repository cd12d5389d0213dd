import { expect } from 'chai'
import { scriptOf } from '#core/bot/runners/script-of.js'
import { splitCommand } from '#core/config/command-words.js'

const script = (command: string, platform: NodeJS.Platform = 'linux') =>
  scriptOf(splitCommand(command) as string[], platform === 'win32' ? 'C:\\home' : '/home', platform)?.word

describe('the script that a command has an interpreter run', () => {
  for (const [command, expected] of [
    ['node bot.js', 'bot.js'],
    ['/usr/bin/node --enable-source-maps --env-file=.env bot.mjs --x', 'bot.mjs'],
    ['python3.11 -u src/bot.py', 'src/bot.py'],
    ['.venv/bin/python bot.py', 'bot.py'],
    ['deno run -A --allow-net=example.com bot.ts', 'bot.ts'],
    ['bun run bot.ts', 'bot.ts'],
    ['ruby bot.rb', 'bot.rb'],
    ['bash -eu ./run.sh', './run.sh'],
    ['sh run.sh', 'run.sh'],
  ] as const)
    it(`is told: ${command}`, () => expect(script(command)).to.equal(expected))

  for (const command of [
    'bot bot.js',
    'npm start',
    'node',
    'node -e "1"',
    'node --import tsx bot.ts',
    'node -r dotenv/config bot.js',
    'node inspect bot.js',
    'python -m mybot',
    'python -c "1"',
    'python -X dev bot.py',
    'sh -c "exec node bot.js"',
    'bash daily',
    'deno run https://example.com/bot.ts',
    'deno run npm:cowsay',
    'deno task start',
    'bun run start',
    'bun start',
  ])
    it(`is not guessed: ${command}`, () => expect(script(command)).to.equal(undefined))

  it('may be named without its ending, for node', () => {
    expect(scriptOf(['node', 'bot'], '/home', 'linux')?.paths).to.include.members(['/home/bot', '/home/bot.js'])
    expect(scriptOf(['python', 'bot'], '/home', 'linux')?.paths).to.deep.equal(['/home/bot'])
  })

  it('is told on Windows, too', () => {
    expect(scriptOf(['C:\\node\\node.exe', 'bot.js'], 'C:\\home', 'win32')?.paths[0]).to.equal('C:\\home\\bot.js')
  })
})
