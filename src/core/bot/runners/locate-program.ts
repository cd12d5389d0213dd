import { isAbsolute, resolve, win32 } from 'node:path'

/**
 * Returns where the program is: a name alone is left to PATH, a path is relative to `folder`. On Windows a virtual
 * environment's `.venv/bin/x` is `.venv\Scripts\x.exe`, so that one BOT_COMMAND serves every platform.
 */
export function locateProgram(program: string, folder: string, platform: NodeJS.Platform): string {
  if (platform !== 'win32') return program.includes('/') && !isAbsolute(program) ? resolve(folder, program) : program
  const path = windowsProgram(program)
  return /[\\/]/.test(path) ? win32.resolve(folder, path) : path
}

function windowsProgram(program: string): string {
  const match = /^(.*?)(\.?venv)[\\/]bin[\\/]([^\\/]+?)(\.exe)?$/i.exec(program)
  return match ? win32.join(match[1] ?? '', match[2] as string, 'Scripts', `${match[3]}.exe`) : program
}
