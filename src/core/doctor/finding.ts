/** How one thing is: in order, perhaps a mistake or a risk, or broken. */
type FindingState = 'ok' | 'warning' | 'fault'

/** One line of `catalyst doctor`, and an entry of its JSON. */
export interface Finding {
  /** The check that found it, such as `watchdog`. */
  readonly id: string
  readonly state: FindingState
  readonly text: string
  /** The command that mends it; null where nothing is to be mended, or no command can. */
  readonly command: string | null
  /** What `--fix` has done about it; null where it did nothing. */
  readonly fixed: string | null
}

/** A finding as a check judges it. */
export type Judged = Pick<Finding, 'state' | 'text' | 'command'>

export function ok(text: string): Judged {
  return { state: 'ok', text, command: null }
}

export function warning(text: string, command: string | null = null): Judged {
  return { state: 'warning', text, command }
}

export function fault(text: string, command: string | null = null): Judged {
  return { state: 'fault', text, command }
}

/** Returns the exit code of all findings together: that of the worst. */
export function exitCodeOfFindings(findings: readonly Pick<Finding, 'state'>[]): 0 | 1 | 2 {
  if (findings.some(({ state }) => state === 'fault')) return 2
  return findings.some(({ state }) => state === 'warning') ? 1 : 0
}

/**
 * Splits a message of ours from the command at its end, behind the last colon, which is shown in a place of its own.
 * Other messages have the command `otherwise`.
 */
export function splitCommand(
  message: string,
  command: RegExp,
  otherwise: string | null,
): Pick<Judged, 'text' | 'command'> {
  const at = message.lastIndexOf(': ')
  const found = at === -1 ? null : command.exec(message.slice(at + 2))
  if (found === null) return { text: message.replace(/\.$/, ''), command: otherwise }
  return { text: message.slice(0, at).replace(/[.:] re(?:pair|build) it$/i, ''), command: found[0] }
}
