// As discord.js's own guide begins: a bot that knows nothing of Catalyst.
import { Client, Events, GatewayIntentBits } from 'discord.js'

const client = new Client({ intents: [GatewayIntentBits.Guilds], rest: { api: process.env.DISCORD_API } })
client.once(Events.ClientReady, (ready) => console.log(`Ready! Logged in as ${ready.user.tag}`))
client.on(Events.Error, console.error)
client.login(process.env.DISCORD_BOT)
