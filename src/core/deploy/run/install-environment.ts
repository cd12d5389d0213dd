import { isSecretName, secretForms } from '#core/config/secrets.js'

/**
 * Names that sound like a credential. It matches more than what is hidden from logs, since there is no schema of them.
 */
const SOUNDS_SECRET =
  /key|token|secret|passw|passphrase|passwd|credential|webhook|cookie|private|(^|_)_?(auth|pass|pat|pin|pwd|dsn)$/i
/** Names that are no secrets, and that tools need. The permissions of the SSH agent's socket decide who can use it. */
const HARMLESS =
  /^(PATH|HOME|USER|LOGNAME|USERNAME|USERPROFILE|SHELL|LANG|LANGUAGE|LC_\w+|TZ|TE?MP|TMPDIR|PWD|OLDPWD|APPDATA|LOCALAPPDATA|SYSTEMROOT|WINDIR|COMSPEC|PATHEXT|SSH_AUTH_SOCK)$/i
/** Names of proxies: installing goes through a proxy, also through one with a password. */
const PROXY = /^(https?|all|ftp)_proxy$/i
const PASSWORD_IN_ADDRESS = /:\/\/[^/\s:@]*:[^/\s@]+@/
/** The length from which on a secret is looked for in other values: shorter ones occur by chance, and so do folders. */
const MIN_LENGTH = 8
const PLACE = /^([a-z]:)?[\\/]/i

/** The environment that installing sees, and the names that are withheld from it. */
export interface InstallEnvironment {
  readonly seen: Readonly<Record<string, string>>
  readonly withheld: readonly string[]
}

/**
 * Returns an environment without secrets: packages of others run their scripts in it. A secret is recognized by its
 * name, by a password in an address, and by its value under another name. `needed` names those that pass all the same.
 */
export function installEnvironment(
  environment: Readonly<Record<string, string>>,
  needed: readonly string[],
  platform: NodeJS.Platform = process.platform,
): InstallEnvironment {
  const plain = (name: string) => (platform === 'win32' ? name.toUpperCase() : name)
  const passed = new Set(needed.map(plain))
  const entries = Object.entries(environment)
  const secret = entries.filter(([name, value]) => !passed.has(plain(name)) && isSecret(name, value))
  // by any name: the forms are those of names that end so
  const values = secretForms(Object.fromEntries(secret.map(([, value], index) => [`${index}_SECRET`, value])))
  const known = values.filter((value) => value.length >= MIN_LENGTH && !PLACE.test(value))
  const isWithheld = ([name, value]: [string, string]) =>
    !passed.has(plain(name)) &&
    (isSecret(name, value) || (!isNeeded(name) && known.some((form) => value.includes(form))))
  const withheld = entries.filter(isWithheld).map(([name]) => name)
  return { seen: Object.fromEntries(entries.filter((entry) => !isWithheld(entry))), withheld }
}

function isSecret(name: string, value: string): boolean {
  if (isNeeded(name)) return false
  return isSecretName(name) || SOUNDS_SECRET.test(name) || PASSWORD_IN_ADDRESS.test(value)
}

function isNeeded(name: string): boolean {
  return HARMLESS.test(name) || PROXY.test(name)
}
