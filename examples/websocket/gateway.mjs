/** A gateway for the bot beside it, on loopback: it pings each client, and says the time every ten seconds. */
import { WebSocketServer } from 'ws'

const server = new WebSocketServer({ host: '127.0.0.1', port: Number(process.env.PORT ?? 9200) })
const each = (ms, tell) => setInterval(() => server.clients.forEach(tell), ms)
each(5000, (client) => client.ping())
each(10_000, (client) => client.send(`it is ${new Date().toISOString()}`))
console.log(`ws://127.0.0.1:${server.options.port}`)
