import { win32 } from 'node:path'

/**
 * A program that comes with Windows, by its full path. By its name alone an administrator would run whatever of that
 * name lies in the current folder, because there Windows looks first.
 */
export function systemProgram(name: string, environment: NodeJS.ProcessEnv = process.env): string {
  return win32.join(environment.SystemRoot || 'C:\\Windows', 'System32', name)
}
