import { expect } from 'chai'
import { Random } from '../chaos/random.js'
import { growthOf, lineThrough, type Point } from './growth.js'

const HOURS = 9
const COUNT = 180

/** A made-up series: `course` gives the value for a share of the run from 0 to 1, chance adds up to `noise` each way. */
function series(course: (share: number) => number, noise: number, seed = 1): Point[] {
  const random = new Random(seed)
  return Array.from({ length: COUNT }, (_, index) => {
    const share = index / (COUNT - 1)
    return { hours: share * HOURS, value: course(share) + random.between(-noise, noise) }
  })
}

const tolerance = () => 2

describe('the verdict on growth', () => {
  const seeds = Array.from({ length: 20 }, (_, index) => index + 1)
  const growing = (course: (share: number) => number, noise: number) =>
    seeds.filter((seed) => growthOf(series(course, noise, seed), tolerance)?.isGrowing).length

  it('finds a leak in noise that is greater than what it gains in an hour', () => {
    expect(growing((share) => 50 + 9 * share, 3)).to.equal(seeds.length)
  })

  it('finds a leak that climbs in steps, as what is counted does', () => {
    expect(growing((share) => 20 + Math.floor(12 * share), 0)).to.equal(seeds.length)
  })

  it('finds a leak beneath a saw of collected garbage', () => {
    expect(growing((share) => 50 + 12 * share + ((share * 40) % 1) * 6, 0.5)).to.equal(seeds.length)
  })

  it('leaves what only varies', () => {
    expect(growing(() => 50, 5)).to.equal(0)
  })

  it('leaves what drifts with chance, each figure near the last', () => {
    const random = new Random(5)
    let drift = 0
    const wander = () => {
      drift = 0.95 * drift + random.between(-0.5, 0.5)
      return 50 + drift
    }
    expect(growing(wander, 0.2)).to.be.at.most(1)
  })

  it('leaves what grows while it warms up, and then levels off', () => {
    expect(growing((share) => 80 - 25 * Math.exp(-9 * share), 1)).to.equal(0)
  })

  it('leaves a single step', () => {
    expect(growing((share) => (share < 0.5 ? 50 : 56), 1)).to.equal(0)
  })

  it('leaves a growth within the tolerance, however sure it is', () => {
    expect(growing((share) => 50 + 2.5 * share, 0.01)).to.equal(0)
  })

  it('leaves what shrinks', () => {
    expect(growing((share) => 60 - 10 * share, 1)).to.equal(0)
  })

  it('says by how much, with an interval that holds the truth', () => {
    const growth = growthOf(
      series((share) => 50 + 9 * share, 1),
      tolerance,
    )
    expect(growth?.hours).to.be.closeTo(6, 0.1)
    expect(growth?.by).to.be.closeTo(6, 0.5)
    expect(growth?.low).to.be.below(6)
    expect(growth?.high).to.be.above(6)
  })

  it('tells a leak from noise by a dozen figures, too', () => {
    const few = (course: (share: number) => number) => series(course, 0.2).filter((_, index) => index % 15 === 0)
    expect(
      growthOf(
        few((share) => 50 + 9 * share),
        tolerance,
      )?.isGrowing,
    ).to.equal(true)
    expect(
      growthOf(
        few(() => 50),
        tolerance,
      )?.isGrowing,
    ).to.equal(false)
  })

  it('says nothing of too few figures', () => {
    expect(growthOf([], tolerance)).to.equal(undefined)
    expect(growthOf(series(() => 1, 0).slice(0, 9), tolerance)).to.equal(undefined)
  })

  it('computes the line and interval of a textbook', () => {
    // x 1 to 5, y 2.1 3.9 6.2 7.8 10.1: slope 1.99, standard error 0.0597, t(3) 3.182
    const line = lineThrough([2.1, 3.9, 6.2, 7.8, 10.1].map((value, index) => ({ hours: index + 1, value })))
    expect(line.slope).to.be.closeTo(1.99, 1e-9)
    expect(line.high - line.slope).to.be.closeTo(0.19, 0.005)
    expect(line.slope - line.low).to.be.closeTo(0.19, 0.005)
  })
})
