/** Names the running bot in every answer, so that our own clients never take another one for it. */
export const INSTANCE_HEADER = 'Catalyst-Instance'
