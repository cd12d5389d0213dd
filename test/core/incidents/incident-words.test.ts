import { expect } from 'chai'
import { openIncident } from '#core/incidents/incident.js'
import { story } from '#core/incidents/incident-words.js'

describe('the story of an incident', () => {
  const ended = { ...openIncident('ended', 0, 1), ends: 1, error: "KeyError: 'token'" }

  it('quotes the error that the bot printed last', () => {
    expect(story(ended)).to.equal("It ended with exit code 1 without being asked to: KeyError: 'token'.")
    expect(story({ ...ended, ends: 3, error: 'no prices.' })).to.equal(
      'It has ended 3 times without being asked to; the last time: it ended with exit code 1: no prices.',
    )
  })

  it('quotes nothing where nothing is known, and never at length', () => {
    expect(story({ ...ended, error: undefined })).to.equal('It ended with exit code 1 without being asked to.')
    expect(story({ ...ended, error: 'x'.repeat(1000) }).length).to.be.lessThan(300)
  })
})
