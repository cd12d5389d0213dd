import { expect } from 'chai'
import { type Entry, entriesOf, joinLines, type OpenEntry } from '#core/bot/runners/output/join-lines.js'
import type { OutputStream } from '#core/bot/runners/output/levels.js'

function joined(text: string, stream: OutputStream = 'stderr'): Entry[] {
  const entries: Entry[] = []
  let open: OpenEntry | undefined
  for (const line of text.split('\n').filter((one) => one.trim() !== '')) {
    const { done, open: next } = joinLines(open, line, stream)
    entries.push(...done)
    open = next
  }
  return [...entries, ...entriesOf(open, stream)]
}

const PYTHON = `Traceback (most recent call last):
  File "/srv/bot.py", line 3, in <module>
    token = settings['token']
            ~~~~~~~~^^^^^^^^^
KeyError: 'token'`

const UNCAUGHT = `/srv/bot.mjs:3
    throw new TypeError('no prices')
    ^

TypeError: no prices
    at tick (file:///srv/bot.mjs:3:11)
    at file:///srv/bot.mjs:6:1 {
  code: 'E_PRICES'
}

Node.js v20.20.2`

const NOT_FOUND = `node:internal/modules/cjs/loader:1210
  throw err;
  ^

Error: Cannot find module 'discord.js'
Require stack:
- /srv/bot.js
    at Module._resolveFilename (node:internal/modules/cjs/loader:1207:15) {
  code: 'MODULE_NOT_FOUND',
  requireStack: [ '/srv/bot.js' ]
}

Node.js v20.20.2`

const CHAINED = `${PYTHON}

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "/srv/bot.py", line 5, in <module>
    raise RuntimeError('no start')
RuntimeError: no start`

const GROUP = `  + Exception Group Traceback (most recent call last):
  |   File "/srv/bot.py", line 9, in <module>
  | ExceptionGroup: unhandled errors in a TaskGroup (1 sub-exception)
  +-+---------------- 1 ----------------
    | Traceback (most recent call last):
    |   File "/srv/bot.py", line 4, in work
    | KeyError: 'token'
    +------------------------------------`

const JAVA = `Exception in thread "main" java.lang.IllegalStateException: no start
	at bot.Main.main(Main.java:5)
Caused by: java.lang.NullPointerException: token
	at bot.Main.token(Main.java:9)
	... 1 more`

const GO = `panic: runtime error: invalid memory address or nil pointer dereference
[signal SIGSEGV: segmentation violation code=0x1 addr=0x0 pc=0x48]

goroutine 1 [running]:
main.main()
	/srv/main.go:5 +0x1d
exit status 2`

describe('the output of a program', () => {
  const traces: [string, string, string][] = [
    ['Python', PYTHON, "KeyError: 'token'"],
    ['Python, with a chained one', CHAINED, 'RuntimeError: no start'],
    ['a group of Python', GROUP, 'ExceptionGroup: unhandled errors in a TaskGroup (1 sub-exception)'],
    ["Python's logging", `ERROR:bot:tick failed\n${PYTHON}`, "ERROR:bot:tick failed: KeyError: 'token'"],
    [
      'Python before it runs',
      '  File "/srv/bot.py", line 1\n    x = (\n        ^\nSyntaxError: open',
      'SyntaxError: open',
    ],
    ['node, uncaught', UNCAUGHT, 'TypeError: no prices'],
    ['node, a module not found', NOT_FOUND, "Error: Cannot find module 'discord.js'"],
    ['node, printed', 'TypeError: no prices\n    at tick (/srv/bot.js:3:11)', 'TypeError: no prices'],
    ['node, printed after words', 'tick failed: Error: x\n    at tick (/srv/bot.js:3:11)', 'tick failed: Error: x'],
    ['a logger', '[ERROR] tick failed\nError: x\n    at tick (/srv/a.js:3:11)', '[ERROR] tick failed: Error: x'],
    ['Java', JAVA, 'Exception in thread "main" java.lang.IllegalStateException: no start'],
    ['Go', GO, 'panic: runtime error: invalid memory address or nil pointer dereference'],
    [
      'Rust',
      "thread 'main' panicked at src/main.rs:2:5:\nno token\nnote: run with `RUST_BACKTRACE=1`",
      "thread 'main' panicked at src/main.rs:2:5: no token",
    ],
    [
      'Ruby',
      "bot.rb:1:in `tick': no token (KeyError)\n\tfrom bot.rb:3:in `<main>'",
      "bot.rb:1:in `tick': no token (KeyError)",
    ],
  ]
  for (const [what, text, summary] of traces) {
    it(`has one entry for an error with its stack, and lines around it stay apart: ${what}`, () => {
      const lines = text.split('\n').filter((line) => line.trim() !== '')
      for (const stream of ['stdout', 'stderr'] as const)
        expect(joined(`started\n${text}\nINFO it goes on`, stream), stream).to.deep.equal([
          { level: stream === 'stderr' ? 'warn' : 'info', text: 'started' },
          { level: 'error', text: summary, stack: lines.join('\n') },
          { level: 'info', text: 'INFO it goes on' },
        ])
    })
  }

  it('has an entry for each error of several in a row', () => {
    expect(joined(`${PYTHON}\n${PYTHON}`).map(({ text }) => text)).to.deep.equal(Array(2).fill("KeyError: 'token'"))
  })

  it('has one entry a line where no stack follows, in their order, however much they look like an error', () => {
    const text =
      'ERROR no prices\nERROR still none\nplain\n/srv/list.txt:3\nan Error: of words\nmore\npanic: buy\nthe end'
    expect(joined(text, 'stdout')).to.deep.equal(
      text.split('\n').map((line) => ({ level: line.startsWith('ERROR') ? 'error' : 'info', text: line })),
    )
  })

  it('has no error for what a stop raises in Python', () => {
    const [entry, ...more] = joined(PYTHON.replace(/KeyError.*/, 'KeyboardInterrupt'))
    expect(more).to.deep.equal([])
    expect(entry).to.include({ level: 'warn', text: 'KeyboardInterrupt' })
  })

  it('keeps the beginning and the end of an endless stack', () => {
    const frames = Array.from({ length: 2000 }, (_, n) => `    at frame${n} (/srv/bot.js:${n}:1) ${'x'.repeat(3000)}`)
    const [entry, ...more] = joined(['RangeError: too deep', ...frames].join('\n'))
    expect(more).to.deep.equal([])
    const stack = entry?.stack ?? ''
    expect(stack.length).to.be.lessThan(110_000)
    expect(stack)
      .to.match(/^RangeError: too deep\n.*frame0 /)
      .and.to.contain('… 1901 lines left out …')
    expect(stack).to.contain('frame1999 ')
  })

  it('never waits for the end of a stack that has none', () => {
    const frames = Array.from({ length: 20_000 }, (_, n) => `    at frame${n} (/srv/bot.js:${n}:1)`)
    expect(joined(frames.join('\n')).length).to.be.within(2, 5)
  })

  it('takes no time for lines that are made to take long', () => {
    const parts = ['x', '(', ' at a:1', '\\', 'Error ', ':1', '{"a":', ' ', '^', 'a.b(', '1:']
    const lines = parts.flatMap((part) =>
      ['', '    at ', '/', 'panic: ', '{'].map((head) => head + part.repeat(16_384 / part.length)),
    )
    const began = performance.now()
    joined([...lines, ...lines].join('\n'))
    expect(performance.now() - began).to.be.lessThan(2000)
  })
})
