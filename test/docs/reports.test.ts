import { readdirSync, readFileSync } from 'node:fs'
import { expect } from 'chai'
import { ROOT } from '../support/e2e/root.js'

const isRead = (name: string) => name === 'README.md' || (/^(docs|examples)\b/.test(name) && /\.(md|sh|py)$/.test(name))

describe('the examples of a report', () => {
  it('keep its answer out of the log of the bot that sends it', () => {
    const names = readdirSync(ROOT, { encoding: 'utf8' })
    const folders = names.filter((name) => name === 'docs' || name === 'examples')
    const files = [
      ...names,
      ...folders.flatMap((folder) =>
        readdirSync(`${ROOT}/${folder}`, { recursive: true, encoding: 'utf8' }).map((name) => `${folder}/${name}`),
      ),
    ].filter(isRead)
    const reports = files.flatMap((name) =>
      readFileSync(`${ROOT}/${name}`, 'utf8')
        .split('\n')
        .filter((line) => /\bcurl\b.*CATALYST_REPORT_URL/.test(line)),
    )
    expect(reports).to.have.length.above(4)
    for (const line of reports) expect(line).to.match(/ (-o|--output) \/dev\/null /)
  })
})
