import { expect } from 'chai'
import { parseSetting } from '#core/config/parse.js'
import { ruleOf } from '#core/config/schema.js'

const parsed = (text: string) => parseSetting(ruleOf('DEPLOY_SHARED_PATHS'), text)

describe('the paths that releases share with the home', () => {
  it('are the settings and data by default', () => {
    expect(parsed(ruleOf('DEPLOY_SHARED_PATHS').default)).to.deep.equal({ value: ['.env', 'data'] })
  })

  it('are normalized, however they were typed', () => {
    expect(parsed('./data, data/ ,a//b,a/./c,a/x/../d,deep\\er\\')).to.deep.equal({
      value: ['data', 'data', 'a/b', 'a/c', 'a/d', 'deep/er'],
    })
  })

  it('may begin with a dot, or like our own folders', () => {
    const paths = ['.env', '.cache/x', '.gitignore', '.github', '.catalyst-notes', '...', '..data']
    expect(parsed(paths.join(','))).to.deep.equal({ value: paths })
  })

  for (const text of [
    '.',
    './',
    'data/..',
    './.',
    '..',
    '../x',
    'a/../../x',
    '/etc',
    '//server/x',
    'C:\\x',
    'c:x',
    '\\x',
    '..\\x',
  ])
    it(`never lead out of the home, nor are the home itself: ${text}`, () => {
      for (const one of [text, `data,${text}`])
        expect(parsed(one), one).to.have.property('fault').that.contains('inside')
    })

  for (const text of [
    '.catalyst',
    '.catalyst/',
    './.catalyst',
    '.catalyst/state',
    '.git',
    '.git/x',
    'a/../.git',
    '.GIT/hooks',
    '.Catalyst\\releases',
  ])
    it(`never hold what is git’s or ours: ${text}`, () => {
      for (const one of [text, `data,${text}`])
        expect(parsed(one), one).to.have.property('fault').that.contains('must not hold')
    })
})
