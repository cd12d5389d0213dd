import { definedOf } from '#core/config/load.js'
import { isForAnother, isRoot, type User } from '#core/system/users.js'

/**
 * What a tool sees of our environment. A bot that is a service sees nothing of this terminal, but tools need its PATH,
 * its proxies and the like. Where root deploys for somebody else, folders and secrets of root's stay out.
 */
export function ambientFor(owner: User): Record<string, string> {
  const set = definedOf(process.env)
  if (!isRoot()) return set
  // behind sudo HOME may still be that of whoever typed it, whose settings of git and npm name programs
  const own = { HOME: owner.folder, USER: owner.name, LOGNAME: owner.name }
  const seen = Object.entries(set).filter(([name]) =>
    isForAnother(owner) ? PASSED_ON.test(name) : !/^XDG_\w+_HOME$/.test(name),
  )
  return { ...Object.fromEntries(seen), ...own }
}

/** What is nobody's own. Also the SSH agent: who may use it is decided by the rights of its socket. */
const PASSED_ON =
  /^(PATH|LANG|LANGUAGE|LC_\w+|TZ|CI|(https?|all|no|ftp)_proxy|SSL_CERT_(FILE|DIR)|NODE_EXTRA_CA_CERTS|REQUESTS_CA_BUNDLE|SSH_AUTH_SOCK)$/i
