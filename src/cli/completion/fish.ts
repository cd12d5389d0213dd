import { type Place, pathsOf, stepOf, type TypedFlag, type Values } from './words.js'

/** Returns the completion script for fish (3 or later). */
export function fishScript(places: readonly Place[]): string {
  return `function __catalyst_at
  set -l id ''
  for word in (commandline -opc)[2..-1]
    if contains -- "$id $word" ${pathsOf(places)
      .map((path) => `'${stepOf(path)}'`)
      .join(' ')}
      set id (string trim -- "$id $word")
    end
  end
  test "$id" = "$argv[1]"
end

complete -c catalyst -e
complete -c catalyst -f
${places.map(linesOf).join('\n')}
`
}

function linesOf({ path, next, flags, argument }: Place): string {
  const at = `complete -c catalyst -n ${quoted(`__catalyst_at '${path}'`)}`
  return [
    ...next.map(({ word, summary }) => `${at} -a ${word} -d ${quoted(summary)}`),
    ...flags.map((flag) => `${at} ${flagWords(flag)} -d ${quoted(flag.summary)}`),
    ...(argument === undefined || argument === 'any' ? [] : [`${at} -a ${offered(argument)}`]),
  ].join('\n')
}

function flagWords({ name, short, values }: TypedFlag): string {
  const words = [`-l ${name.slice(2)}`, ...(short === undefined ? [] : [`-s ${short.slice(1)}`])]
  if (values === undefined) return words.join(' ')
  return [...words, '-r', ...(values === 'any' ? [] : [`-a ${offered(values)}`])].join(' ')
}

function offered(values: Exclude<Values, 'any'>): string {
  if (values === 'folders') return quoted('(__fish_complete_directories)')
  if (values === 'versions')
    return quoted('(git -C (set -q CATALYST_HOME; and echo $CATALYST_HOME; or echo .) tag --list 2>/dev/null)')
  return quoted(values.join(' '))
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
}
