/** The signals by which a bot can prove that it works; docs/proof.md says what each proves. */
export const SIGNALS = ['cycle', 'report', 'url', 'command', 'log', 'file', 'telegram', 'network'] as const
export type SignalName = (typeof SIGNALS)[number]

/** The proof of a bot of which only the process is watched, in BOT_PROOF and in reports. */
export const PROCESS_PROOF = 'process'
