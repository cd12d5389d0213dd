/** The signals by which a bot can prove that it works; docs/proof.md says what each proves. */
export const SIGNALS = ['cycle', 'report', 'url', 'command', 'log', 'file', 'telegram', 'network'] as const
export type SignalName = (typeof SIGNALS)[number]
