import { bashScript } from './bash.js'
import { fishScript } from './fish.js'
import { powershellScript } from './powershell.js'
import { type CommandTable, placesOf } from './words.js'
import { zshScript } from './zsh.js'

export const SHELLS = ['bash', 'zsh', 'fish', 'powershell'] as const

export type Shell = (typeof SHELLS)[number]

const MAKERS = { bash: bashScript, zsh: zshScript, fish: fishScript, powershell: powershellScript } as const

/** The commands by which a person puts a script in force for good, in that shell. */
export const INSTALL: Readonly<Record<Shell, string>> = {
  bash: 'mkdir -p ~/.local/share/bash-completion/completions && catalyst completion bash > ~/.local/share/bash-completion/completions/catalyst',
  zsh: 'mkdir -p ~/.zfunc && catalyst completion zsh > ~/.zfunc/_catalyst, with this in ~/.zshrc: fpath=(~/.zfunc $fpath); autoload -U compinit; compinit',
  fish: 'mkdir -p ~/.config/fish/completions && catalyst completion fish > ~/.config/fish/completions/catalyst.fish',
  powershell: 'catalyst completion powershell >> $PROFILE',
}

/** Returns the completion script for a shell: everything is in it, so that a TAB starts no node. */
export function completionScript(shell: Shell, table: CommandTable): string {
  const head = shell === 'zsh' ? '#compdef catalyst\n' : ''
  return `${head}# Completion of catalyst for ${shell}. To put it in force:\n#   ${INSTALL[shell]}\n# After an update of catalyst do it again.\n${MAKERS[shell](placesOf(table))}`
}
