import { definedOf } from '#core/config/load.js'
import { isForAnother, isRoot, type User } from '#core/platform/process/users.js'

/**
 * Returns what a tool sees of our environment. A bot that is a service sees nothing of this terminal, but tools need
 * its PATH, its proxies and the like. Where root deploys for somebody else, root's folders and secrets stay out.
 */
export function ambientFor(owner: User): Record<string, string> {
  const set = definedOf(process.env)
  if (!isRoot()) return set
  // under sudo HOME may still be the caller's, whose git and npm settings name programs
  const own = { HOME: owner.folder, USER: owner.name, LOGNAME: owner.name }
  const seen = Object.entries(set).filter(([name]) =>
    isForAnother(owner) ? PASSED_ON.test(name) : !/^XDG_\w+_HOME$/.test(name),
  )
  return { ...Object.fromEntries(seen), ...own }
}

/** Variables that belong to no user. The SSH agent is one: the permissions of its socket decide who can use it. */
const PASSED_ON =
  /^(PATH|LANG|LANGUAGE|LC_\w+|TZ|CI|(https?|all|no|ftp)_proxy|SSL_CERT_(FILE|DIR)|NODE_EXTRA_CA_CERTS|REQUESTS_CA_BUNDLE|SSH_AUTH_SOCK)$/i
