import { CatalystError, EXIT } from '#core/errors.js'

/**
 * Seals a text, or a file's bytes, to a recipient of age, as a file that any age opens.
 * @throws CatalystError SETTINGS_INVALID for a recipient that is none
 */
export async function seal(text: string | Uint8Array, recipient: string): Promise<string> {
  const { Encrypter, armor } = await import('age-encryption')
  const encrypter = new Encrypter()
  try {
    encrypter.addRecipient(recipient)
  } catch {
    throw new CatalystError('SETTINGS_BACKUP_RECIPIENT is no recipient of age.', {
      code: 'SETTINGS_INVALID',
      exit: EXIT.settings,
      suggestions: ['See what is wrong: catalyst config check'],
    })
  }
  return armor.encode(await encrypter.encrypt(text))
}

/** The lines of an identity file that are identities; `age-keygen` writes comments around them. */
const IDENTITY = /^AGE-SECRET-KEY-\S+$/gm

/**
 * Opens what was sealed, with the identities in the text of a file.
 * @throws CatalystError IDENTITY_WRONG; it never repeats anything of the file
 */
export async function unseal(sealed: string, identities: string, file: string): Promise<string> {
  const found = identities.replace(/\r/g, '').match(IDENTITY) ?? []
  if (found.length === 0) throw isProtected(identities) ? passphraseNeeded(file) : noIdentity(file)
  const { Decrypter, armor } = await import('age-encryption')
  const decrypter = new Decrypter()
  try {
    for (const identity of found) decrypter.addIdentity(identity)
  } catch {
    throw noIdentity(file)
  }
  try {
    return await decrypter.decrypt(armor.decode(sealed), 'text')
  } catch {
    throw wrong(`The identity in ${file} does not open it: it was sealed to another recipient.`, [
      'See the recipient of each: catalyst deploy backups; that of an identity: age-keygen -y FILE',
    ])
  }
}

/** Returns whether a file is sealed itself, by a passphrase as a rule. */
function isProtected(text: string): boolean {
  return text.startsWith('age-encryption.org/') || text.startsWith('-----BEGIN AGE ENCRYPTED FILE-----')
}

function passphraseNeeded(file: string): CatalystError {
  return wrong(`${file} is protected by a passphrase.`, ['Open it first: age -d -o identity.txt FILE'])
}

function noIdentity(file: string): CatalystError {
  return wrong(`${file} holds no identity of age: a line that begins with AGE-SECRET-KEY-1.`, [
    'Give the file that age-keygen has written: --identity FILE',
  ])
}

function wrong(message: string, suggestions: string[]): CatalystError {
  return new CatalystError(message, { code: 'IDENTITY_WRONG', exit: EXIT.failed, suggestions })
}
