import { assert } from 'chai'
import { LINE, LONGEST_LINE_BYTES, newRing, ringConsumer, ringProducer } from '#core/logging/write/ring.js'

describe('the queue between the bot and the log writer', () => {
  function queue() {
    const ring = newRing()
    let wakes = 0
    const producer = ringProducer(ring, () => wakes++)
    return { ring, producer, consumer: ringConsumer(ring), wakes: () => wakes }
  }
  const texts = (batch: { lines: readonly { bytes: Buffer }[] }) => batch.lines.map(({ bytes }) => bytes.toString())

  it('returns lines in order, with their flags, and whole in any script', () => {
    const { producer, consumer } = queue()
    const lines = ['a\n', '\n', 'ä€💶\n', `${'x'.repeat(LONGEST_LINE_BYTES - 1)}\n`]
    for (const [index, line] of lines.entries()) assert.isTrue(producer.put(index, line, 0))
    const batch = consumer.take(Number.POSITIVE_INFINITY)
    assert.deepEqual(texts(batch), lines)
    assert.deepEqual(
      batch.lines.map(({ flags }) => flags),
      [0, 1, 2, 3],
    )
  })

  it('replaces half a character of UTF-16, with the right length', () => {
    const { producer, consumer } = queue()
    producer.put(LINE.bot, '\ud83d|\n', 0)
    producer.put(LINE.bot, 'b\n', 0)
    assert.deepEqual(texts(consumer.take(1000)), ['\ufffd|\n', 'b\n'])
  })

  it('keeps lines until they are done: a new writer finds them', () => {
    const { ring, producer, consumer } = queue()
    producer.put(LINE.bot, 'a\n', 0)
    consumer.take(1000)
    const next = ringConsumer(ring)
    const batch = next.take(1000)
    assert.deepEqual(texts(batch), ['a\n'])
    next.done(batch)
    assert.deepEqual(texts(next.take(1000)), [])
  })

  it('loses and mixes nothing while lines of all lengths wrap around its end many times', () => {
    const { producer, consumer } = queue()
    let seed = 1
    const random = (most: number) => {
      seed = (seed * 16807) % 2147483647
      return seed % most
    }
    const waiting: string[] = []
    let passed = 0
    for (let n = 0; n < 20_000; n++) {
      const length = random(50) === 0 ? random(LONGEST_LINE_BYTES) : random(300)
      const line = `${n}${'é'.repeat(length >> 1)}`
      if (producer.put(LINE.bot, line, 0)) waiting.push(line)
      else assert.isAbove(waiting.join().length, 300_000, 'it is full')
      if (random(20) !== 0) continue
      const batch = consumer.take(random(400_000))
      for (const text of texts(batch)) {
        if (text !== waiting.shift()) assert.fail(`line ${n} is another`)
        passed += text.length
      }
      consumer.done(batch)
    }
    assert.isAbove(passed, 5_000_000)
  })

  it('drops and counts lines when nobody makes space in time', () => {
    const { producer, consumer } = queue()
    const line = 'x'.repeat(100_000)
    let fit = 0
    while (producer.put(LINE.bot, line, 0)) fit++
    const start = performance.now()
    assert.isFalse(producer.put(LINE.bot, line, 30))
    assert.isAtLeast(performance.now() - start, 29)
    assert.equal(fit, 10)
    assert.equal(consumer.dropped(), 2)
    assert.equal(consumer.dropped(), 0)
    consumer.done(consumer.take(150_000))
    assert.isTrue(producer.put(LINE.bot, line, 0), 'there is room again')
  })

  it('reports whether all is written', () => {
    const { producer, consumer } = queue()
    assert.isTrue(producer.flush(0))
    producer.put(LINE.bot, 'a', 0)
    assert.isFalse(producer.flush(10))
    consumer.done(consumer.take(1000))
    assert.isTrue(producer.flush(0))
    assert.equal(producer.written(), 1)
  })

  it('wakes a sleeping writer, once', () => {
    const { producer, consumer, wakes } = queue()
    producer.put(LINE.bot, 'a', 0)
    assert.equal(wakes(), 0, 'it was not asleep')
    assert.isFalse(consumer.fallAsleep(), 'a line waits')
    consumer.done(consumer.take(1000))
    assert.isTrue(consumer.fallAsleep())
    producer.put(LINE.bot, 'b', 0)
    producer.put(LINE.bot, 'c', 0)
    assert.equal(wakes(), 1)
  })
})
