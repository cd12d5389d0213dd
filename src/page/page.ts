/** The script of the status page: it puts what is new in its place, and opens days and charts without a reload. */

interface Now {
  readonly instance: string
  readonly status: string
  readonly title: string
  readonly say: string
  readonly at: string
  readonly minute: number
  readonly day: string
  readonly today: { readonly classes: string; readonly label: string }
  readonly parts: Readonly<Record<string, string>>
}

const { body } = document
const byId = (id: string) => document.getElementById(id) as HTMLElement
const query = new URLSearchParams(location.search)
const opened = { range: query.get('range') ?? 'hour', chart: query.get('chart'), day: query.get('day') }

/* ---- what is new ---- */

let last: Now | undefined
let source: EventSource | undefined
/** When the bot was heard last, and since when a connection is waited for or silent; both on the monotonic clock. */
let heardAt = performance.now()
let quietSince = heardAt
let isOver = false
let losing: number | undefined

function setLive(state: 'on' | 'off', text: string): void {
  byId('live').className = `live ${state}`
  byId('live-text').textContent = text
}

function take(now: Now): void {
  if (last !== undefined && (last.instance !== now.instance || last.day !== now.day)) {
    location.reload() // another bot, or another day
    return
  }
  for (const [id, html] of Object.entries(now.parts)) byId(id).innerHTML = html
  const isOther = body.dataset.status !== now.status
  body.dataset.status = now.status
  document.title = now.title
  byId('icon').setAttribute('href', `/page/icon-${now.status}.svg`)
  if (isOther) byId('say').textContent = now.say
  const today = days().at(-1)
  if (today) {
    today.className = now.today.classes
    today.title = now.today.label
    today.setAttribute('aria-label', now.today.label)
  }
  setLive('on', `Live · ${now.at}`)
  clearTimeout(losing)
  const isLater = last !== undefined && last.minute !== now.minute
  last = now
  heardAt = quietSince = performance.now()
  isOver = false
  if (isLater) void refresh()
}

/** The time without a word after which the page no longer shows the state as if it were that of now. */
const LOST_MS = 10_000
const ICON =
  '<svg class="icon" viewBox="0 0 24 24"><circle cx="12" cy="12" r="10"/><path class="mark" d="M7 12h10"/></svg>'
const [loadedWord, loadedAt] = [document.title.split(' · ')[0] ?? '', byId('live-text').textContent.replace(/^\D+/, '')]

function lose(): void {
  if (isOver) return
  setLive('off', last === undefined ? 'Not live' : `No connection since ${last.at}`)
  clearTimeout(losing)
  losing = setTimeout(showLost, Math.max(0, LOST_MS - (performance.now() - heardAt)), 'Not live')
}

/** Takes the state's place: nobody stands for it any more. */
function showLost(word: string): void {
  const [was, at] = last === undefined ? [loadedWord, loadedAt] : [last.title.split(' · ')[0], last.at]
  const text = isOver
    ? `The bot stopped at ${at}. This page goes on when it is started again.`
    : `No connection to the bot since ${at}. It was ${was?.toLowerCase()} then. This page tries again by itself.`
  const name = document.querySelector('.brand span')?.textContent ?? ''
  body.dataset.status = 'lost'
  document.title = `${word} · ${name}`
  byId('icon').setAttribute('href', '/page/icon-stopping.svg')
  byId('say').textContent = `${name}: ${word}. ${text}`
  const state = byId('state')
  state.innerHTML = `${ICON}<div><h1>${word}</h1><p class="meaning"></p></div>`
  ;(state.querySelector('.meaning') as HTMLElement).textContent = text
}

/** The time after which a connection without a word is a dead one, as after the sleep of a laptop. */
const SILENT_MS = 20_000

setInterval(() => {
  if (source === undefined || performance.now() - quietSince < SILENT_MS) return
  lose()
  source.close()
  source = undefined
  listen()
}, 5000)

function listen(): void {
  if (source !== undefined || document.hidden) return
  quietSince = performance.now()
  source = new EventSource('/page/events')
  source.addEventListener('now', ({ data }) => take(JSON.parse(data)))
  source.addEventListener('over', () => {
    isOver = true
    setLive('off', 'The bot has stopped')
    showLost('Stopped')
  })
  source.addEventListener('error', () => {
    lose()
    if (source?.readyState !== EventSource.CLOSED) return // else the browser tries again by itself
    source = undefined
    setTimeout(listen, 30_000)
  })
}

// nobody is told what nobody sees
document.addEventListener('visibilitychange', () => {
  if (!document.hidden) return listen()
  source?.close()
  source = undefined
})

/* ---- days and charts ---- */

async function fragment(path: string): Promise<string | undefined> {
  try {
    const answer = await fetch(path)
    return answer.ok ? await answer.text() : undefined
  } catch {
    return undefined
  }
}

function remember(): void {
  const params = new URLSearchParams()
  if (opened.range !== 'hour') params.set('range', opened.range)
  for (const key of ['chart', 'day'] as const) if (opened[key]) params.set(key, opened[key])
  const search = params.size === 0 ? '' : `?${params}`
  history.replaceState(null, '', `/${search}`)
}

/** Replaces what is in an element, and gives the focus back to what takes the place of what had it. */
function replace(element: HTMLElement, html: string): void {
  const { activeElement: active } = document
  const { chart, range } = active instanceof HTMLElement && element.contains(active) ? active.dataset : {}
  element.innerHTML = html
  const again = chart ? `[data-chart="${chart}"]` : range ? `[data-range="${range}"]` : undefined
  if (again) element.querySelector<HTMLElement>(again)?.focus()
}

function markCurrent(): void {
  for (const card of document.querySelectorAll<HTMLElement>('.card')) {
    if (card.dataset.chart === opened.chart) card.setAttribute('aria-current', 'true')
    else card.removeAttribute('aria-current')
  }
  for (const day of days()) {
    if (day.dataset.day === opened.day) day.setAttribute('aria-current', 'true')
    else day.removeAttribute('aria-current')
  }
}

async function showCharts(): Promise<void> {
  const html = await fragment(`/page/charts?range=${opened.range}`)
  if (html !== undefined) replace(byId('charts'), html)
  markCurrent()
}

async function showPanel(id: 'day' | 'chart', path: string): Promise<void> {
  const html = await fragment(path)
  if (html === undefined) return
  const panel = byId(id)
  const isOpen = panel.querySelector('details')?.open ?? false
  panel.innerHTML = html
  panel.hidden = false
  const details = panel.querySelector('details')
  if (details) details.open = isOpen
  markCurrent()
  if (id === 'chart') await draw()
}

const showChart = () => showPanel('chart', `/page/chart?chart=${opened.chart}&range=${opened.range}`)

async function refresh(): Promise<void> {
  await showCharts()
  if (opened.chart !== null && !byId('chart').contains(document.activeElement)) await showChart()
}

let drawing: Promise<{ drawChart(plot: HTMLElement, table: HTMLElement): void }> | undefined

/** Draws the opened chart. What draws it is loaded with the first one. */
async function draw(): Promise<void> {
  const plot = document.querySelector<HTMLElement>('#chart .plot')
  const table = document.querySelector<HTMLElement>('#chart table')
  const { chartScript = '', chartStyle = '' } = body.dataset
  if (plot === null || table === null) return
  drawing ??= loadStyle(chartStyle).then(() => import(chartScript))
  const { drawChart } = await drawing
  drawChart(plot, table)
}

function loadStyle(href: string): Promise<void> {
  return new Promise((resolve) => {
    const link = Object.assign(document.createElement('link'), { rel: 'stylesheet', href })
    link.onload = link.onerror = () => resolve()
    document.head.append(link)
  })
}

function focusTitle(id: 'day' | 'chart'): void {
  const title = byId(`${id}-title`)
  title.focus({ preventScroll: true })
  title.scrollIntoView({ block: 'nearest' })
}

function close(id: 'day' | 'chart'): void {
  const name = opened[id]
  opened[id] = null
  const panel = byId(id)
  panel.hidden = true
  panel.innerHTML = ''
  markCurrent()
  remember()
  document.querySelector<HTMLElement>(`[data-${id}="${name}"]`)?.focus()
}

document.addEventListener('click', async (event) => {
  const link = event.target instanceof Element ? event.target.closest<HTMLElement>('a[href]') : null
  if (link === null || event.ctrlKey || event.metaKey || event.shiftKey) return
  const { day, chart, range, close: closes } = link.dataset
  if (!(day || chart || range || closes)) return
  event.preventDefault()
  if (closes) return close(closes as 'day' | 'chart')
  if (day) {
    opened.day = day
    rove(link)
    await showPanel('day', `/page/day?day=${day}`)
    focusTitle('day')
  } else if (chart) {
    opened.chart = chart
    await showChart()
    focusTitle('chart')
  } else if (range) {
    opened.range = range
    await showCharts()
    if (opened.chart !== null) await showChart()
  }
  remember()
})

document.addEventListener('keydown', (event) => {
  if (event.key !== 'Escape' || !(event.target instanceof Element)) return
  const panel = event.target.closest('.panel')
  if (panel !== null) close(panel.id as 'day' | 'chart')
})

/* ---- the bar of days: one stop of the Tab key, and arrows within ---- */

function days(): HTMLElement[] {
  return [...document.querySelectorAll<HTMLElement>('#days a')]
}

function rove(to: HTMLElement): void {
  for (const day of days()) day.tabIndex = day === to ? 0 : -1
}

byId('days').addEventListener('keydown', (event) => {
  const all = days()
  const at = all.indexOf(event.target as HTMLElement)
  const isCalendar = matchMedia('(max-width: 42rem)').matches
  const steps: Record<string, number> = isCalendar
    ? { ArrowLeft: -7, ArrowRight: 7, ArrowUp: -1, ArrowDown: 1 }
    : { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 }
  const { length } = all
  const goal = { ...steps, Home: -at, End: length - 1 - at }[event.key]
  if (at === -1 || goal === undefined) return
  event.preventDefault()
  const next = all[Math.min(length - 1, Math.max(0, at + goal))] as HTMLElement
  rove(next)
  next.focus()
})

rove((days().find(({ dataset }) => dataset.day === opened.day) ?? days().at(-1)) as HTMLElement)
markCurrent()
if (opened.chart !== null) void draw()
listen()
