/** A server that a bot is connected to, and that fails on demand. */
export interface FaultyServer {
  readonly address: string
  /** Keeps all connections, and sends nothing more. */
  fallSilent(): void
  /** Ends it with all its connections. */
  end(): Promise<void>
}
