import { win32 } from 'node:path'

/**
 * Returns the full path of a program that comes with Windows. By its name alone an administrator would run whatever of
 * that name lies in the current folder, because Windows looks there first.
 */
export function systemProgram(name: string, environment: NodeJS.ProcessEnv = process.env): string {
  return win32.join(environment.SystemRoot || 'C:\\Windows', 'System32', name)
}
