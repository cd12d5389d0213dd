import { expect } from 'chai'
import type { Step } from '#core/deploy/plan.js'
import { installationFor } from '#core/deploy/releases/dependencies.js'
import { scriptsNote } from '#core/deploy/run/install-scripts.js'

describe('the note on install scripts', () => {
  const noteFor = (...commands: (readonly [string, ...string[]])[]) =>
    scriptsNote({ steps: commands.map((argv): Step => ({ do: 'install', argv, folder: '' })) }, 'ann').join('\n')

  it('says that scripts of packages run, as which user, and what to type so that they do not', () => {
    expect(noteFor(...installationFor(['package-lock.json'], '').commands))
      .to.include('as ann')
      .and.include('DEPLOY_INSTALL_COMMAND=npm ci --ignore-scripts')
    expect(noteFor(['pnpm', 'install', '--frozen-lockfile'])).to.include(
      'DEPLOY_INSTALL_COMMAND=pnpm install --frozen-lockfile --ignore-scripts',
    )
  })

  it('says where there is no such switch', () => {
    expect(noteFor(...installationFor(['requirements.txt'], '').commands))
      .to.include('as ann')
      .and.include('docs/deploy.md')
    expect(noteFor(['sh', 'tools/install.sh'])).to.include('as ann')
  })

  it('is empty where they are switched off, or nothing is installed', () => {
    expect(noteFor(['npm', 'ci', '--ignore-scripts'])).to.equal('')
    expect(noteFor()).to.equal('')
  })
})
