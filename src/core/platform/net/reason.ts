import { codeOf, messageOf } from '#core/errors.js'

/** Returns in a few words why there was no answer. It never holds an address, which may be a secret. */
export function reasonOf(error: unknown): string {
  switch (codeOf(error)) {
    case 'ECONNREFUSED':
      return 'connection refused'
    case 'ECONNRESET':
      return 'the connection was cut'
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'the host name is unknown'
    default:
      return messageOf(error)
  }
}
