import type { ChildProcess } from 'node:child_process'
import { exitCodeOfSignal } from './processes.js'

/** Says to a child that its parent can do one thing for it, for which itself it has no permission. */
const VARIABLE = 'CATALYST_PRIVILEGED_PARENT'
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/**
 * Runs this very command once more, as a child on the same terminal that gives up root's rights, and does for it the one
 * thing that needs them, when it asks. Returns its exit code.
 */
export async function runForChild(work: () => Promise<unknown>, wordsOf: (error: unknown) => string): Promise<number> {
  const { spawn } = process.getBuiltinModule('node:child_process')
  const child: ChildProcess = spawn(process.execPath, [...process.execArgv, ...process.argv.slice(1)], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, [VARIABLE]: '1' },
  })
  const exited = new Promise<number>((resolve, reject) =>
    child.once('error', reject).once('exit', (code, name) => resolve(code ?? exitCodeOfSignal(name))),
  )
  child.once('message', () => {
    const answer = (fault: string | null) => child.connected && child.send({ fault })
    work().then(
      () => answer(null),
      (error) => answer(wordsOf(error)),
    )
  })
  // a terminal sends Ctrl-C to both; whoever sends another signal means the work
  const pass = (name: NodeJS.Signals) => void (name !== 'SIGINT' && child.kill(name))
  for (const name of SIGNALS) process.on(name, pass)
  try {
    return await exited
  } finally {
    for (const name of SIGNALS) process.off(name, pass)
  }
}

/** Returns whether a parent with root's rights waits to be asked. */
export function hasPrivilegedParent(): boolean {
  return process.env[VARIABLE] !== undefined && process.connected
}

/** Asks the parent to do what it was started for. Resolves to why that failed; null where it has not. */
export function askPrivilegedParent(): Promise<string | null> {
  return new Promise((resolve) => {
    process.once('message', (answer: { fault: string | null }) => {
      process.disconnect()
      resolve(answer.fault)
    })
    process.once('disconnect', () => resolve('the process of root is gone'))
    process.send?.('now')
  })
}
