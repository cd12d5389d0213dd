import { formsOf, type Place, pathsOf, stepOf, type Values } from './words.js'

/** Returns the completion script for bash (4 or later, without bash-completion). It starts no program but git. */
export function bashScript(places: readonly Place[]): string {
  const valued = places.flatMap(({ path, flags }) =>
    flags.flatMap((flag) => (flag.values === undefined ? [] : [{ path, flag, values: flag.values }])),
  )
  return `_catalyst() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" prev="\${COMP_WORDS[COMP_CWORD - 1]}" id='' i
  if [[ $cur == '=' ]]; then
    cur=''
  elif [[ $prev == '=' ]]; then
    prev="\${COMP_WORDS[COMP_CWORD - 2]}"
  fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$id \${COMP_WORDS[i]}" in
${cased(pathsOf(places).map((path) => stepOf(path)))})
      id="\${id:+$id }\${COMP_WORDS[i]}" ;;
    esac
  done
  COMPREPLY=()
  case "$id $prev" in
${valued
  .map(
    ({ path, flag, values }) =>
      `    ${formsOf(flag)
        .map((form) => `'${path} ${form}'`)
        .join('|')}) ${offered(values)}; return ;;`,
  )
  .join('\n')}
  esac
  local next='' flags=''
  case "$id" in
${places
  .map(
    ({ path, next, flags }) =>
      `    '${path}') next='${next.map(({ word }) => word).join(' ')}' flags='${flags.map(({ name }) => name).join(' ')}' ;;`,
  )
  .join('\n')}
  esac
  if [[ $cur == -* ]]; then
    COMPREPLY=($(compgen -W "$flags" -- "$cur"))
  elif [[ -n $next ]]; then
    COMPREPLY=($(compgen -W "$next" -- "$cur"))
  else
    case "$id" in
${places
  .flatMap(({ path, argument }) =>
    argument === undefined || argument === 'any' ? [] : [`      '${path}') ${offered(argument)} ;;`],
  )
  .join('\n')}
    esac
  fi
}
complete -F _catalyst catalyst
`
}

function cased(steps: readonly string[]): string {
  return `      ${steps.map((step) => `'${step}'`).join(' | \\\n      ')}`
}

function offered(values: Values): string {
  if (values === 'any') return ':'
  if (values === 'folders') return FOLDERS
  return values === 'versions' ? VERSIONS : `COMPREPLY=($(compgen -W "${values.join(' ')}" -- "$cur"))`
}

/** Offers folders, also those with blanks in their names; a quote or backslash that was typed is none of the name. */
const FOLDERS = `compopt -o filenames 2>/dev/null; cur="\${cur//\\\\/}"; mapfile -t COMPREPLY < <(compgen -d -- "\${cur#[\\"\\']}")`

/**
 * Offers tags. `compgen -W` would expand them, and so run what a tag such as `$(id)` of a remote says: those with signs
 * that mean something to a shell are left out.
 */
const VERSIONS = `while IFS= read -r i; do [[ $i == "$cur"* && $i != *[^[:alnum:]._/+-]* ]] && COMPREPLY+=("$i"); done < <(git -C "\${CATALYST_HOME:-.}" tag --list 2>/dev/null)`
