/** The alert channels, by their names in ALERT_CHANNELS. */
export const CHANNELS = ['discord', 'telegram', 'slack', 'ntfy', 'webhook', 'email'] as const

export type ChannelName = (typeof CHANNELS)[number]
