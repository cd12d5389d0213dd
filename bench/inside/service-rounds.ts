// Runs in the box: how long a service is away after a crash and after a freeze, and how long `service status` takes.
import { measureRounds } from '../kernel/figures.js'
import { backMs, CLI, HOME, PORT, ROUNDS, wallMs, writeFigures } from './in-box.js'

const OURS = { port: PORT, path: '/health/ping' }
const PLAIN = { port: 8201, path: '/' }
const NOTIFYING = { port: 8203, path: '/' }

export type ServiceFigures = Record<
  'crash' | 'plainCrash' | 'freeze' | 'plainFreeze' | 'status' | 'node' | 'show',
  number[]
>

async function main(): Promise<void> {
  writeFigures(
    await measureRounds(ROUNDS, {
      crash: () => backMs('Bench', OURS, 'SIGKILL'),
      plainCrash: () => backMs('plain', PLAIN, 'SIGKILL'),
      freeze: () => backMs('Bench', OURS, 'SIGSTOP'),
      plainFreeze: () => backMs('notifying', NOTIFYING, 'SIGSTOP'),
      status: () => wallMs(process.execPath, [CLI, 'service', 'status', '--home', HOME]),
      node: () => wallMs(process.execPath, ['-e', '0']),
      show: () => wallMs('systemctl', ['show', 'Bench']),
    } satisfies Record<keyof ServiceFigures, () => Promise<number> | number>),
  )
}

void main()
