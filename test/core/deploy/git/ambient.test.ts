import { expect } from 'chai'
import { ambientFor } from '#core/deploy/git/ambient.js'
import { currentUser } from '#core/platform/process/users.js'

const NOBODY = { uid: 65_534, gid: 65_534, name: 'nobody', folder: '/nowhere' }
const byRoot = process.getuid?.() === 0 ? it : () => {} // only root deploys for another

describe('the environment of tools in a deployment', () => {
  const ours = { HOME: '/home/eve', XDG_CONFIG_HOME: '/home/eve/.config', AWS_KEY: 'secret', https_proxy: 'http://p' }

  function seen(owner: Parameters<typeof ambientFor>[0]): Record<string, string> {
    const before = Object.keys(ours).map((name) => [name, process.env[name]] as const)
    Object.assign(process.env, ours)
    try {
      return ambientFor(owner)
    } finally {
      for (const [name, value] of before)
        if (value === undefined) delete process.env[name]
        else process.env[name] = value
    }
  }

  byRoot("is for root root's own, whosever HOME sudo has left: programs are named there", () => {
    const { folder } = currentUser()
    expect(seen(currentUser())).to.include({ HOME: folder, AWS_KEY: 'secret' }).and.not.have.any.keys('XDG_CONFIG_HOME')
  })

  byRoot("is for somebody else that user's, without what is root's", () => {
    const environment = seen(NOBODY)
    expect(environment).to.include({ HOME: '/nowhere', USER: 'nobody', https_proxy: 'http://p' })
    expect(environment).to.not.have.any.keys('AWS_KEY', 'XDG_CONFIG_HOME')
  })
})
