import { expect } from 'chai'
import { shellSyntax } from '#core/config/command-words.js'

describe('a command that is run without a shell', () => {
  for (const [command, word] of [
    ['npm start && echo x', '&&'],
    ['npm start&&echo x', '&&'],
    ['node bot.js | tee out.log', '|'],
    ['node bot.js || true', '||'],
    ['node bot.js > out.log', '>'],
    ['node bot.js >out.log', '>'],
    ['node bot.js 2>&1', '2>&1'],
    ['node bot.js &', '&'],
    ['cd bot; node bot.js', ';'],
    ['node bot.js < in.txt', '<'],
    ['sh -c "a" && b', '&&'],
  ] as const)
    it(`has a fault: ${command}`, () => {
      const { faults } = shellSyntax(command, 'linux')
      expect(faults).to.have.length(1)
      expect(faults[0]).to.include(` ${word} `)
      expect(faults[0]).to.include("sh -c '… && exec …'")
    })

  for (const [command, words] of [
    ['$HOME/bot/run', 'variables are not expanded'],
    [`bot --key $\{TOKEN}`, 'variables are not expanded'],
    ['bot --day $(date)', 'variables are not expanded'],
    ['bot --day `date`', 'variables are not expanded'],
    ['DEBUG=1 node bot.js', 'Give DEBUG a line of its own in .env'],
    ['~/bot/run', 'Write the full path'],
  ] as const)
    it(`has a fault: ${command}`, () => {
      const { faults } = shellSyntax(command, 'linux')
      expect(faults.join()).to.include(words)
    })

  it('does not repeat the value, which may hold a secret', () => {
    expect(shellSyntax('bot --key swordfish && x', 'linux').faults.join()).to.not.include('swordfish')
  })

  for (const command of [
    'node bot.js',
    `sh -c 'npm run build && exec node bot.js'`,
    'sh -c "cd bot && exec node $FILE"',
    `bot --query '{$gt: 1}' --price '$5' --cost $5 --end ^a$`,
    'bot --url http://127.0.0.1/?a=1&b=2 --match a|b --env=A=1',
    '"C:\\Program Files\\Bot\\bot.exe" --config C:\\bot\\bot.toml',
    `bot '&&' ">" --greeting "a > b; c"`,
    'bot 100%',
  ])
    it(`is sound: ${command}`, () => {
      for (const platform of ['linux', 'win32'] as const)
        expect(shellSyntax(command, platform)).to.deep.equal({ faults: [], hints: [] })
    })

  it('gets a hint for a variable in double quotes, which a shell would have replaced', () => {
    const { faults, hints } = shellSyntax('mongo --eval "db.x.find({$gt: 1})" "$HOME"', 'linux')
    expect(faults).to.deep.equal([])
    expect(hints.join()).to.include('passed on as it stands')
  })

  it('knows the variables of Windows there', () => {
    expect(shellSyntax('%APPDATA%\\bot.exe', 'win32').faults).to.have.length(1)
    expect(shellSyntax('date +%H%M%', 'linux').faults).to.deep.equal([])
  })
})
