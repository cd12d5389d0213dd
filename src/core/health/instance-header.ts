/**
 * The header with the running bot's instance id in every answer, by which our own clients know that it is the right
 * bot.
 */
export const INSTANCE_HEADER = 'Catalyst-Instance'
