import { expect } from 'chai'
import { locateProgram } from '#core/bot/runners/locate-program.js'
import { passedOn } from '#core/bot/runners/run-program.js'
import { splitCommand } from '#core/config/command-words.js'

describe('BOT_COMMAND', () => {
  const cases: [string, string[]][] = [
    ['.venv/bin/python -m catalyst_bot.runner --loop', ['.venv/bin/python', '-m', 'catalyst_bot.runner', '--loop']],
    ['  a\t b  ', ['a', 'b']],
    [`a "b c" 'd e'`, ['a', 'b c', 'd e']],
    [`a --x="b c"'d'`, ['a', '--x=b cd']],
    ['a "" \'\'', ['a', '', '']],
    ['a "say \\"hi\\""', ['a', 'say "hi"']],
    ['"C:\\Program Files\\bot.exe" C:\\x\\y', ['C:\\Program Files\\bot.exe', 'C:\\x\\y']],
    ['a $HOME `b` ; | > *', ['a', '$HOME', '`b`', ';', '|', '>', '*']],
    ['héllo wörld', ['héllo', 'wörld']],
  ]
  for (const [text, words] of cases) it(`splits ${text}`, () => expect(splitCommand(text)).to.deep.equal(words))

  it('says what it does not understand', () => {
    expect(splitCommand('a "b')).to.deep.equal({ fault: 'a " is not closed' })
    expect(splitCommand("a 'b")).to.deep.equal({ fault: "a ' is not closed" })
    expect(splitCommand('   ')).to.deep.equal({ fault: 'there is no program in it' })
  })

  const places: [string, NodeJS.Platform, string][] = [
    ['python', 'linux', 'python'],
    ['.venv/bin/python', 'linux', '/home/bot/.venv/bin/python'],
    ['/usr/bin/python3', 'linux', '/usr/bin/python3'],
    ['python', 'win32', 'python'],
    ['.venv/bin/python', 'win32', 'C:\\bot\\.venv\\Scripts\\python.exe'],
    ['sub/venv/bin/pip.exe', 'win32', 'C:\\bot\\sub\\venv\\Scripts\\pip.exe'],
    ['tools\\x.exe', 'win32', 'C:\\bot\\tools\\x.exe'],
    ['D:\\x\\bot.exe', 'win32', 'D:\\x\\bot.exe'],
  ]
  for (const [program, platform, place] of places) {
    it(`finds ${program} on ${platform}`, () => {
      expect(locateProgram(program, platform === 'win32' ? 'C:\\bot' : '/home/bot', platform)).to.equal(place)
    })
  }

  it('passes exit codes on, but for those that have a meaning of ours', () => {
    expect([0, 1, 3, 75, 77, 78, 143].map(passedOn)).to.deep.equal([0, 1, 3, 1, 1, 1, 143])
  })
})
