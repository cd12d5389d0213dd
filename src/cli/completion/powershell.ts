import { formsOf, type Place, type Values } from './words.js'

/** Returns the completion script for PowerShell (5.1 or later). */
export function powershellScript(places: readonly Place[]): string {
  const valued = places.flatMap(({ path, flags, argument }) => [
    ...flags.flatMap((flag) =>
      flag.values === undefined || flag.values === 'folders'
        ? []
        : formsOf(flag).map((form) => entry(`${path} ${form}`.trim(), offered(flag.values as Values))),
    ),
    ...(argument === undefined ? [] : [entry(`${path} `, offered(argument))]),
  ])
  return `Register-ArgumentCompleter -Native -CommandName catalyst, catalyst.cmd -ScriptBlock {
  param($wordToComplete, $commandAst, $cursorPosition)
  $next = @{
${places.flatMap(({ path, next }) => (next.length === 0 ? [] : [entry(path, list(next.map(({ word }) => word)))])).join('\n')}
  }
  $flags = @{
${places.map(({ path, flags }) => entry(path, list(flags.map(({ name }) => name)))).join('\n')}
  }
  $values = @{
${valued.join('\n')}
  }
  $words = @($commandAst.CommandElements | Select-Object -Skip 1 | ForEach-Object { "$_" })
  if ($wordToComplete -ne '') { $words = @($words | Select-Object -SkipLast 1) }
  $id = ''
  foreach ($word in $words) {
    $path = "$id $word".Trim()
    if ($flags.ContainsKey($path)) { $id = $path }
  }
  $last = if ($words.Count -gt 0) { $words[-1] } else { '' }
  if ($last -eq '--home') { return }
  if ($last -like '-*' -and $values.ContainsKey("$id $last".Trim())) { $found = & $values["$id $last".Trim()] }
  elseif ($wordToComplete -like '-*') { $found = $flags[$id] }
  elseif ($next.ContainsKey($id)) { $found = $next[$id] }
  elseif ($values.ContainsKey("$id ")) { $found = & $values["$id "] }
  else { $found = @() }
  $found | Where-Object { $_ -like "$wordToComplete*" } | ForEach-Object {
    [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)
  }
}
`
}

function entry(name: string, value: string): string {
  return `    '${name}' = ${value}`
}

function list(words: readonly string[]): string {
  return `@(${words.map((word) => `'${word}'`).join(', ')})`
}

function offered(values: Values): string {
  if (values === 'versions')
    return `{ git -C $(if ($env:CATALYST_HOME) { $env:CATALYST_HOME } else { '.' }) tag --list 2>$null | Where-Object { $_ -match '^[\\w./+-]+$' } }`
  return `{ ${list(Array.isArray(values) ? values : [])} }`
}
