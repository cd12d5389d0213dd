import fs from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import type { Alert } from '#core/alerts/alert.js'
import { AlertStore } from '#core/alerts/store.js'
import { fillDisk } from '../../support/full-disk.js'
import { tempFolder } from '../../support/temp.js'

const NOON = Date.parse('2026-03-01T12:00:00Z')

function alert(title: string): Alert {
  return { title, description: 'd', tone: 'bad', fields: [{ name: 'n', value: 'v', as: 'words' }], footer: 'f' }
}

function titles(store: AlertStore): string[] {
  return store.waiting().map((one) => one.alert.title)
}

describe('the store of waiting alerts', () => {
  const newFolder = () => join(tempFolder(), 'state', 'alerts')

  it('keeps them for the next process, in the order in which they were made', () => {
    const folder = newFolder()
    const store = new AlertStore(folder)
    expect(titles(store)).to.deep.equal([])
    for (const id of ['b', 'a', 'c']) store.add(id, NOON, alert(id))
    expect(titles(new AlertStore(folder))).to.deep.equal(['b', 'a', 'c'])
    expect(new AlertStore(folder).waiting()[0]).to.deep.include({ id: 'b', at: NOON, alert: alert('b') })
  })

  it('replaces them by a newer text of the same alert, which an older one never follows', () => {
    const folder = newFolder()
    const store = new AlertStore(folder)
    store.add('incident-1', NOON, alert('detected'))
    store.add('other', NOON, alert('other'))
    store.add('incident-1', NOON - 5000, alert('recovered')) // the clock was set back meanwhile
    expect(titles(new AlertStore(folder))).to.deep.equal(['other', 'recovered'])
  })

  it('keeps a text that came while an older one was on its way', () => {
    const store = new AlertStore(newFolder())
    store.add('a', NOON, alert('detected'))
    const [onItsWay] = store.waiting()
    store.add('a', NOON, alert('recovered'))
    if (onItsWay) store.remove(onItsWay)
    expect(titles(store)).to.deep.equal(['recovered'])
  })

  it('removes their files once they have gone out', () => {
    const folder = newFolder()
    const store = new AlertStore(folder)
    for (const title of ['detected', 'restarting', 'recovered']) store.add('a', NOON, alert(title))
    for (const one of store.waiting()) store.remove(one)
    expect(fs.readdirSync(folder)).to.deep.equal([])
  })

  it('holds one file for each alert, however many texts a channel that is dead for days has missed', () => {
    const folder = newFolder()
    for (const id of ['a', 'b'])
      for (let index = 0; index < 50; index++) new AlertStore(folder).add(id, NOON + index, alert(`${id} ${index}`))
    expect(fs.readdirSync(folder)).to.have.length(2)
    expect(titles(new AlertStore(folder))).to.deep.equal(['a 49', 'b 49'])
  })

  it('loses no text behind a file of somebody else that has the highest number', () => {
    const folder = newFolder()
    fs.mkdirSync(folder, { recursive: true })
    fs.writeFileSync(join(folder, '9999999999-x.json'), 'mine')
    const store = new AlertStore(folder)
    for (const id of ['a', 'b']) store.add(id, NOON, alert(id))
    expect(titles(new AlertStore(folder))).to.deep.equal(['a', 'b'])
    for (const one of store.waiting()) store.remove(one)
    expect(titles(new AlertStore(folder))).to.deep.equal([])
  })

  it('keeps them in memory while the disk is full, and writes them once there is room', () => {
    const folder = newFolder()
    const store = new AlertStore(folder)
    const free = fillDisk()
    store.add('a', NOON, alert('detected'))
    store.add('a', NOON, alert('recovered'))
    expect(titles(store)).to.deep.equal(['recovered'])
    expect(titles(new AlertStore(folder))).to.deep.equal([])
    free()
    store.add('b', NOON, alert('other'))
    expect(titles(store)).to.deep.equal(['recovered', 'other'])
    expect(titles(new AlertStore(folder))).to.deep.equal(['recovered', 'other'])
  })

  it('does not restore an unwritten text over a newer one that was written', () => {
    const store = new AlertStore(newFolder())
    const free = fillDisk()
    store.add('a', NOON, alert('detected'))
    free()
    store.add('a', NOON, alert('recovered'))
    expect(titles(store)).to.deep.equal(['recovered'])
  })

  it('passes over a file that is damaged, too long, or none of ours', () => {
    const folder = newFolder()
    const store = new AlertStore(folder)
    store.add('good', NOON, alert('good'))
    const whole = JSON.stringify({ at: NOON, alert: alert('x') })
    const damaged = [
      '',
      '{',
      'null',
      '[]',
      '{"at":"x","alert":{}}',
      whole.slice(0, -3),
      whole.replace('"bad"', '"evil"'),
      whole.replace('"words"', '"time"'),
      whole.replace('"d"', JSON.stringify('d'.repeat(210_000))),
    ]
    for (const [index, text] of damaged.entries())
      fs.writeFileSync(join(folder, `000000001${index}-x${index}.json`), text)
    fs.writeFileSync(join(folder, '0000000099-..json'), whole)
    fs.writeFileSync(join(folder, 'notes.txt'), 'mine')
    fs.mkdirSync(join(folder, '0000000050-folder.json'))
    expect(titles(new AlertStore(folder))).to.deep.equal(['good'])
  })

  const onPosix = process.platform === 'win32' ? () => {} : it // there the folder's ACL decides

  onPosix('are for the owner alone', () => {
    const folder = newFolder()
    const store = new AlertStore(folder)
    store.add('a', NOON, alert('a'))
    store.remember({ messages: { a: '1' }, failures: {}, given_up: [], given_up_total: 0 })
    expect((fs.statSync(folder).mode & 0o777).toString(8)).to.equal('700')
    for (const file of fs.readdirSync(folder))
      expect((fs.statSync(join(folder, file)).mode & 0o777).toString(8), file).to.equal('600')
  })
})

describe('the record of sent messages', () => {
  const failure = { since: NOON, tries: 2, why: 'HTTP 500', isTold: true }
  const givenUp = { id: 'b', title: 'b', at: NOON, given_up_at: NOON, why: 'HTTP 500' }

  it('is there for the next process', () => {
    const folder = join(tempFolder(), 'alerts')
    const known = { messages: { a: '4711' }, failures: { b: failure }, given_up: [givenUp], given_up_total: 7 }
    new AlertStore(folder).remember(known)
    expect(new AlertStore(folder).deliveries()).to.deep.equal(known)
  })

  it('is limited to the newest fifty messages, and ten that were given up', () => {
    const store = new AlertStore(join(tempFolder(), 'alerts'))
    const messages = Object.fromEntries(Array.from({ length: 70 }, (_, index) => [`m${index}`, String(index)]))
    store.remember({ messages, failures: {}, given_up: Array(30).fill(givenUp), given_up_total: 30 })
    expect(Object.keys(store.deliveries().messages)).to.have.length(50).and.include('m69').and.not.include('m19')
    expect(store.deliveries().given_up).to.have.length(10)
  })

  it('is kept in memory where something else lies in its place', () => {
    const folder = join(tempFolder(), 'alerts')
    fs.mkdirSync(join(folder, 'deliveries.json'), { recursive: true })
    const store = new AlertStore(folder)
    expect(store.deliveries()).to.deep.equal({ messages: {}, failures: {}, given_up: [], given_up_total: 0 })
    expect(store.remember({ messages: { a: '1' }, failures: {}, given_up: [], given_up_total: 0 })).to.equal(false)
    expect(store.deliveries().messages).to.deep.equal({ a: '1' })
  })

  it('is begun anew, part by part, where the file is damaged', () => {
    const folder = join(tempFolder(), 'alerts')
    fs.mkdirSync(folder)
    const nothing = { messages: {}, failures: {}, given_up: [], given_up_total: 0 }
    const cases: [string, object][] = [
      ['', nothing],
      ['[]', nothing],
      ['{"messages":7,"failures":null,"given_up":{}}', nothing],
      [JSON.stringify({ given_up: [givenUp] }), { ...nothing, given_up: [givenUp], given_up_total: 1 }], // of before 0.2
      ['{"messages":{"a":"../x","b":"1"},"failures":{"c":{}},"given_up":[7]}', { ...nothing, messages: { b: '1' } }],
    ]
    for (const [text, known] of cases) {
      fs.writeFileSync(join(folder, 'deliveries.json'), text)
      expect(new AlertStore(folder).deliveries(), text).to.deep.equal(known)
    }
  })

  it('stays in memory while the disk is full, and is written once there is room', () => {
    const folder = join(tempFolder(), 'alerts')
    const store = new AlertStore(folder)
    const free = fillDisk()
    store.remember({ messages: { a: '4711' }, failures: {}, given_up: [], given_up_total: 0 })
    free()
    expect(store.deliveries().messages).to.deep.equal({ a: '4711' })
    store.waiting()
    expect(new AlertStore(folder).deliveries().messages).to.deep.equal({ a: '4711' })
  })
})
