import { formsOf, type Place, pathsOf, stepOf, type Values } from './words.js'

/** Returns the completion script for zsh: a file of `fpath` named `_catalyst`, or one to be sourced. */
export function zshScript(places: readonly Place[]): string {
  const valued = places.flatMap(({ path, flags }) =>
    flags.flatMap((flag) => (flag.values === undefined ? [] : [{ path, flag, values: flag.values }])),
  )
  return `_catalyst() {
  local cur="\${words[CURRENT]}" prev="\${words[CURRENT-1]}" id='' i
  local -a next flags
  if [[ $cur == --*=* ]]; then
    prev="\${cur%%=*}"
    compset -P '*='
  fi
  for ((i = 2; i < CURRENT; i++)); do
    case "$id \${words[i]}" in
      (${pathsOf(places)
        .map((path) => `'${stepOf(path)}'`)
        .join('|')})
        id="\${id:+$id }\${words[i]}" ;;
    esac
  done
  case "$id $prev" in
${valued
  .map(
    ({ path, flag, values }) =>
      `    (${formsOf(flag)
        .map((form) => `'${path} ${form}'`)
        .join('|')}) ${offered(values)}; return ;;`,
  )
  .join('\n')}
  esac
  case "$id" in
${places.map((place) => `    ('${place.path}')\n${listsOf(place)} ;;`).join('\n')}
  esac
  if [[ $cur == -* ]]; then
    _describe -o flag flags
  elif (( \${#next} )); then
    _describe command next
  else
    case "$id" in
${places
  .flatMap(({ path, argument }) =>
    argument === undefined || argument === 'any' ? [] : [`      ('${path}') ${offered(argument)} ;;`],
  )
  .join('\n')}
    esac
  fi
}

if [[ "\${funcstack[1]}" == _catalyst ]]; then
  _catalyst "$@"
elif (( $+functions[compdef] )); then
  compdef _catalyst catalyst
fi
`
}

function listsOf({ next, flags }: Place): string {
  const list = (name: string, entries: readonly string[]) =>
    entries.length === 0 ? [] : [`      ${name}=(\n${entries.map((entry) => `        ${entry}`).join('\n')}\n      )`]
  return [
    ...list(
      'next',
      next.map(({ word, summary }) => described(word, summary)),
    ),
    ...list(
      'flags',
      flags.map(({ name, summary }) => described(name, summary)),
    ),
  ].join('\n')
}

function described(word: string, summary: string): string {
  return `'${`${word}:${summary}`.replaceAll("'", "'\\''")}'`
}

function offered(values: Values): string {
  if (values === 'any') return ':'
  if (values === 'folders') return '_files -/'
  if (values === 'versions') return `compadd -- \${(f)"$(git -C "\${CATALYST_HOME:-.}" tag --list 2>/dev/null)"}`
  return `compadd -- ${values.join(' ')}`
}
