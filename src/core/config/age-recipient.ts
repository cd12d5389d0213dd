const LETTERS = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l'
const RECIPIENT = new RegExp(`^age1[${LETTERS}]{58}$`)

/**
 * Returns why a text is no recipient of age (X25519); undefined where it is one. The last letters are a checksum (BIP 173), so
 * that a typing error is found before something is sealed to nobody.
 */
export function recipientFault(text: string): string | undefined {
  if (/^AGE-SECRET-KEY-/i.test(text))
    return 'must be a recipient (age1…), and holds an identity: take it out, keep it on another machine, and see its recipient by age-keygen -y FILE'
  if (!RECIPIENT.test(text))
    return 'must be a recipient of age: age1 and 58 more letters and digits, as age-keygen shows it'
  return isWhole(text)
    ? undefined
    : 'is a recipient of age with a typing error: copy it again, as age-keygen -y FILE shows it'
}

/** Returns whether the checksum of Bech32 holds. */
function isWhole(text: string): boolean {
  const data = [...text.slice('age1'.length)].map((letter) => LETTERS.indexOf(letter))
  const codes = [...'age'].map((letter) => letter.charCodeAt(0))
  const all = [...codes.map((code) => code >> 5), 0, ...codes.map((code) => code & 31), ...data]
  return all.reduce(withNext, 1) === 1
}

const GENERATOR = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3]

function withNext(sum: number, value: number): number {
  const top = sum >>> 25
  const next = ((sum & 0x1ffffff) << 5) ^ value
  return GENERATOR.reduce((result, by, bit) => ((top >> bit) & 1 ? result ^ by : result), next)
}
