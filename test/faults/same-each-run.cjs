// Gives a program the same names in each run: what is random is counted, and the time of day stands still.
const crypto = require('node:crypto')

let count = 0
crypto.randomBytes = (size) => Buffer.alloc(size, ++count)
crypto.randomUUID = () => `00000000-0000-4000-8000-${String(++count).padStart(12, '0')}`

const NOW = Date.UTC(2026, 0, 1)
const RealDate = Date
globalThis.Date = class extends RealDate {
  constructor(...parts) {
    super(...(parts.length === 0 ? [NOW] : parts))
  }
}
globalThis.Date.now = () => NOW
