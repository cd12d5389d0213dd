#!/usr/bin/env node
// The program is a bundle with V8's code cache beside it: loading it that way takes two thirds of the time and several
// megabytes less than compiling it at each start. Without a cache, or with one of another Node, V8 compiles. What a
// service runs, or a watchdog as its child, is a bundle of its own, without the command line; so is what scripts run in
// loops, which leaves to the command line what it doesn't know.
// CommonJS, which node starts sooner than a module: see package.json beside it.
const { closeSync, fstatSync, openSync, readFileSync, readSync } = require('node:fs')
const Module = require('node:module')
const { dirname, join } = require('node:path')
const vm = require('node:vm')

/**
 * Gives the bytes of a file, between others, to `use`, and the memory back at once: that of a buffer stays until V8 happens
 * to collect it, which in an idle process is late. Without the file, `use` is called without bytes.
 */
function withBytes(path, use, [before, after] = ['', '']) {
  let file
  try {
    file = openSync(path)
  } catch (error) {
    if (error.code === 'ENOENT') return use(undefined)
    throw error
  }
  const length = before.length + fstatSync(file).size + after.length
  const memory = new ArrayBuffer(length, { maxByteLength: length })
  try {
    const bytes = Buffer.from(memory)
    for (let at = bytes.write(before), read = 1; read > 0; at += read)
      read = readSync(file, bytes, at, length - after.length - at)
    bytes.write(after, length - after.length)
    return use(bytes)
  } finally {
    closeSync(file)
    memory.resize(0)
  }
}

function load(name) {
  const filename = join(__dirname, '..', 'dist', name)
  const loaded = Module._cache[filename]
  if (loaded !== undefined) return loaded.exports
  const source = withBytes(filename, (bytes) => bytes?.latin1Slice(), Module.wrapper)
  if (source === undefined) {
    process.stderr.write('catalyst is not built yet. Run: npm run build\n')
    process.exit(1)
  }
  const script = withBytes(
    `${filename}.cache`,
    (cachedData) => new vm.Script(source, { filename, ...(cachedData && { cachedData }) }),
  )
  const bundle = { exports: {}, filename, id: filename, loaded: true, children: [], paths: [] }
  Module._cache[filename] = bundle // oclif loads the commands from the same file: it must find this instance
  script.runInThisContext()(bundle.exports, Module.createRequire(filename), bundle, filename, dirname(filename))
  return bundle.exports
}

/** As oclif says it. */
function printVersion() {
  const { name, version } = JSON.parse(readFileSync(join(__dirname, '..', 'package.json'), 'utf8'))
  console.log(`${name}/${version} ${process.platform}-${process.arch} node-${process.version}`)
}

/** Sets what oclif otherwise asks the system for: that throws for a user without a name, as in a container. */
function actWithoutName() {
  const { env, platform } = process
  if (platform === 'win32' || (env.HOME && env.SHELL)) return
  try {
    require('node:os').userInfo()
  } catch {
    env.HOME ||= '/'
    env.SHELL ||= '/bin/sh'
  }
}

/** Leaves a folder that somebody has removed: nothing could be found from there, not even a home that is named. */
function leaveRemovedFolder() {
  try {
    process.cwd()
  } catch {
    process.chdir('/')
    process.stderr.write('Warning: The current folder does not exist any more: / is used in its place.\n')
  }
}

leaveRemovedFolder()
const words = process.argv.slice(2)
const [topic, verb] = words
const { CATALYST_SERVICE, CATALYST_CHILD } = process.env
const kept =
  (CATALYST_SERVICE ?? CATALYST_CHILD) !== undefined &&
  /^(bot start|watchdog run|watchdog run --all) --home$/.exec(words.slice(0, -1).join(' '))

/** Returns the bundle that may answer a command line sooner than the whole one, if there is one. */
function shortcut() {
  if (topic === undefined) return load('quick-status.cjs').isMeant() ? 'status' : 'help'
  if (topic === 'help' || words.some((word) => word === '--help' || word === '-h')) return 'help'
  if (topic === 'status') return 'status'
  return ['health check', 'service status', 'deploy rollback'].includes(`${topic} ${verb}`)
    ? `${topic}-${verb}`
    : undefined
}

async function run() {
  const name = shortcut()
  if (name === 'deploy-rollback') actWithoutName()
  if (name !== undefined && (await load(`quick-${name}.cjs`).quick(words))) return exitIfWritten()
  actWithoutName()
  load('catalyst.cjs').main(join(dirname(__dirname), 'package.json'))
}

/** Exits at once, unless output is still on its way, as to a pipe of Windows: ending what node has open takes a while. */
function exitIfWritten() {
  if (process.stdout.writableLength === 0) process.exit()
}

if (kept) load(`${topic}.cjs`).main(kept[1], words.at(-1))
else if (['--version', '-v'].includes(topic) || (topic === 'version' && verb === undefined)) printVersion()
else run()
