import { expect } from 'chai'
import { beyondRetention } from '#core/logging/write/retention.js'

const HOUR_MS = 3_600_000
const NOW = Date.parse('2026-03-08T12:00:00Z')

/** Files as `HOURS AGO:BYTES`. */
function filesOf(text: string) {
  return text.split(' ').flatMap((path) => {
    const [hours, bytes] = path.split(':').map(Number)
    return bytes === undefined ? [] : [{ path, rotatedMs: NOW - Number(hours) * HOUR_MS, bytes }]
  })
}

describe('the rotated files beyond the retention limits', () => {
  const cases: [string, string, string][] = [
    ['are none where there are none', '', ''],
    ['are none within seven days and a hundred bytes', '1:50 168:50', ''],
    ['are those that are older than the days', '167:1 168:1 169:1', '169:1'],
    ['are the oldest beyond the size, in whatever order they come', '3:50 1:50 2:50', '3:50'],
    ['are all that are older than one which is beyond the size', '1:60 2:60 3:1', '3:1 2:60'],
    ['do not count for the size where they are too old', '1:60 900:900 2:40', '900:900'],
    ['are not those of a time to come, where a clock was wrong', '-48:60 1:60', '1:60'],
  ]
  for (const [what, files, expected] of cases) {
    it(what, () => {
      const gone = beyondRetention(filesOf(files), { days: 7, maxBytes: 100 }, NOW)
      expect(gone).to.have.deep.members(filesOf(expected))
    })
  }

  it('include those of a moment ago, if the limit is no full day', () => {
    expect(beyondRetention(filesOf('1:1'), { days: 0, maxBytes: 100 }, NOW)).to.have.length(1)
  })
})
