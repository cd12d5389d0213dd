import type { BotFiles } from '#core/init/bot-files.js'
import { commandOfLine } from '#core/init/command/command-of-line.js'
import type { Candidate } from '#core/init/found-bot.js'
import { npmPackage, npmScripts } from '#core/init/npm-package.js'

/** The scripts that run a bot, the likeliest first. */
const SCRIPTS = ['start', 'start:prod', 'prod', 'bot', 'serve']
/** The files that run without being named, in their order. */
const USUAL = ['bot', 'index', 'main', 'app', 'src/bot', 'src/index', 'src/main'].flatMap((name) =>
  ['.js', '.mjs', '.cjs'].map((ending) => name + ending),
)

/** Finds the bot of a package.json: a script that starts it, else its main file. */
export function fromPackageJson(files: BotFiles): Candidate[] {
  if (files.text('package.json') === undefined) return fromUsual(files, "a file's name")
  const scripts = npmScripts(files)
  const named = SCRIPTS.filter((name) => typeof scripts[name] === 'string').map((name) => ({
    from: `package.json, "${name}"`,
    ...commandOfLine(`npm run ${name}`, files),
  }))
  const { main } = npmPackage(files)
  if (named.length > 0) return named
  if (typeof main === 'string' && isFile(main, files)) return [nodeOf(main, 'package.json, "main"', files)]
  return fromUsual(files, 'package.json')
}

function fromUsual(files: BotFiles, from: string): Candidate[] {
  return USUAL.filter(files.has).map((path) => nodeOf(path, from, files))
}

function isFile(path: string, files: BotFiles): boolean {
  return /\.[cm]?js$/.test(path) && files.has(path.replace(/^\.\//, ''))
}

function nodeOf(path: string, from: string, files: BotFiles): Candidate {
  const file = path.replace(/^\.\//, '')
  const isModule = isCatalystModule(files.text(file) ?? '')
  return { from, words: ['node', file], settings: {}, notes: [], ...(isModule && { module: file }) }
}

/** Returns whether a text is a module for Catalyst: run by node alone it would do nothing. */
function isCatalystModule(text: string): boolean {
  return (
    /\bexport\s+default\b/.test(text) && /\b(?:async\s+)?(?:cycle|start)\s*(?:\(|:)/.test(text) && /\bname\b/.test(text)
  )
}
