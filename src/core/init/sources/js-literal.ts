/** A value of JavaScript that only running it would tell. */
export const UNREAD = Symbol('unread')

export type Literal =
  | string
  | number
  | boolean
  | null
  | typeof UNREAD
  | readonly Literal[]
  | { readonly [name: string]: Literal }

/**
 * Reads the literal of JavaScript that begins at a place in a text: objects, lists, texts, numbers, with comments. What
 * else stands there (a call, a variable) is {@link UNREAD}: nothing is run.
 */
export function readLiteral(text: string, at: number): Literal {
  return new Reader(text, at).value()
}

const SIMPLE: Readonly<Record<string, Literal>> = { true: true, false: false, null: null, undefined: null }
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', '\n': '' }

class Reader {
  readonly #text: string
  #at: number

  constructor(text: string, at: number) {
    this.#text = text
    this.#at = at
  }

  /** Reads a value, and goes behind it. A value that goes on as an expression is {@link UNREAD}. */
  value(): Literal {
    this.#skipBlanks()
    const start = this.#at
    const read = this.#literal()
    this.#skipBlanks()
    if (read !== UNREAD && this.#isAtEnd()) return read
    this.#at = start
    this.#skipExpression()
    return UNREAD
  }

  #literal(): Literal {
    const first = this.#text[this.#at] ?? ''
    if (first === '{') return this.#object()
    if (first === '[') return this.#list()
    if (first === "'" || first === '"' || first === '`') return this.#string(first)
    const word = /^-?[\w.]+/.exec(this.#text.slice(this.#at, this.#at + 100))?.[0]
    if (word === undefined) return UNREAD
    this.#at += word.length
    const number = Number(word.replaceAll('_', ''))
    if (/^-?[\d.]/.test(word) && !Number.isNaN(number)) return number
    return Object.hasOwn(SIMPLE, word) ? (SIMPLE[word] as Literal) : UNREAD
  }

  #object(): Literal {
    const found: Record<string, Literal> = {}
    this.#at++
    for (;;) {
      this.#skipBlanks()
      if (this.#takes('}')) return found
      const name = this.#name()
      if (name === undefined) {
        this.#skipExpression() // a spread, a method, a name that is computed
      } else {
        this.#skipBlanks()
        if (this.#takes(':')) Object.defineProperty(found, name, { value: this.value(), enumerable: true })
        else {
          found[name] = UNREAD
          this.#skipExpression()
        }
      }
      this.#skipBlanks()
      if (!this.#takes(',') && !this.#text.startsWith('}', this.#at)) return UNREAD
    }
  }

  #list(): Literal {
    const found: Literal[] = []
    this.#at++
    for (;;) {
      this.#skipBlanks()
      if (this.#takes(']')) return found
      found.push(this.value())
      this.#skipBlanks()
      if (!this.#takes(',') && !this.#text.startsWith(']', this.#at)) return UNREAD
    }
  }

  #name(): string | undefined {
    const first = this.#text[this.#at] ?? ''
    if (first === "'" || first === '"') {
      const text = this.#string(first)
      return typeof text === 'string' ? text : undefined
    }
    const word = /^[\w$]+/.exec(this.#text.slice(this.#at, this.#at + 200))?.[0]
    this.#at += word?.length ?? 0
    return word
  }

  #string(quote: string): Literal {
    let read = ''
    for (this.#at++; this.#at < this.#text.length; this.#at++) {
      const character = this.#text[this.#at] as string
      if (character === quote) {
        this.#at++
        return read
      }
      if (quote === '`' && this.#text.startsWith('${', this.#at)) return UNREAD
      if (character !== '\\') read += character
      else {
        const escaped = this.#text[++this.#at] ?? ''
        read += ESCAPES[escaped] ?? escaped
      }
    }
    return UNREAD
  }

  /** Goes to the end of an expression: the comma or bracket that is not within it. */
  #skipExpression(): void {
    let depth = 0
    for (; this.#at < this.#text.length; this.#at++) {
      this.#skipBlanks()
      const character = this.#text[this.#at] ?? ''
      if ('\'"`'.includes(character) && character !== '') {
        this.#skipString(character)
      } else if ('([{'.includes(character)) depth++
      else if (')]}'.includes(character)) {
        if (depth === 0) return
        depth--
      } else if (character === ',' && depth === 0) return
    }
  }

  /** Goes to the closing quote of a text. */
  #skipString(quote: string): void {
    for (this.#at++; this.#at < this.#text.length && this.#text[this.#at] !== quote; this.#at++)
      if (this.#text[this.#at] === '\\') this.#at++
  }

  #skipBlanks(): void {
    const blanks = /(?:\s|\/\/[^\n]*|\/\*[\s\S]*?\*\/)*/y
    blanks.lastIndex = this.#at
    this.#at += blanks.exec(this.#text)?.[0].length ?? 0
  }

  #takes(character: string): boolean {
    if (this.#text[this.#at] !== character) return false
    this.#at++
    return true
  }

  #isAtEnd(): boolean {
    const next = this.#text[this.#at]
    return next === undefined || ',;)]}'.includes(next) || /^\s*(?:module|export)/.test(this.#text.slice(this.#at))
  }
}
