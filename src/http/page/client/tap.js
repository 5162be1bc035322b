import { element } from './element.js'
import { openStream } from './stream.js'
import { askToken, forgetToken, heldToken } from './token.js'

/** Records that stay on the page. */
const MAX_RECORDS = 30
const FIELDS = { address: 'addresses', asset: 'assets' }

const section = /** @type {HTMLElement} */ (document.getElementById('tap'))
const form = /** @type {HTMLFormElement} */ (section.querySelector('form'))
const state = /** @type {HTMLElement} */ (section.querySelector('[role=status]'))
const records = /** @type {HTMLElement} */ (section.querySelector('ol'))
const [open, close] = [...form.querySelectorAll('button')]
/** @type {AbortController | null} What is open. */
let opened = null

/** The query of `/api/v1/tap`. @param {FormData} fields */
function queryOf(fields) {
  const text = (/** @type {string} */ name) => String(fields.get(name) ?? '').trim()
  /** @type {Record<string, unknown>} */
  const filter = {}
  for (const [name, rule] of Object.entries(FIELDS)) {
    if (text(name) !== '') filter[rule] = text(name).split(/[\s,]+/)
  }
  if (text('amount') !== '') filter['minAmount'] = text('amount')
  const query = new URLSearchParams()
  for (const name of ['topic', 'handler']) if (text(name) !== '') query.set(name, text(name))
  if (Object.keys(filter).length > 0) query.set('filter', JSON.stringify(filter))
  return query
}

/** @param {boolean} isOpen */
function mark(isOpen) {
  if (open !== undefined) open.hidden = isOpen
  if (close !== undefined) close.hidden = !isOpen
}

/** @param {string} text @param {boolean} isProblem */
function tell(text, isProblem = false) {
  state.textContent = text
  state.classList.toggle('problem', isProblem)
}

/** @param {any} event of a record */
function eventText(event) {
  const amount = event.amount ?? event.amountSmallest
  const moved = [amount, event.asset].filter((part) => part != null && part !== '').join(' ')
  const parties = event.from === undefined ? '' : `${event.from ?? '-'} → ${event.to ?? '-'}`
  const failed = event.success ? '' : 'failed'
  return [event.kind, event.chain, moved, parties, event.id, failed]
    .filter((part) => part !== undefined && part !== '')
    .join('  ')
}

/** @param {any} record */
function show(record) {
  const { topic, partition, offset, time, handlers, events, moreEvents, value } = record
  const place = `${topic}/${partition}@${offset}`
  const to = handlers.length === 0 ? '' : ` to ${handlers.join(', ')}`
  const lines = events.map((/** @type {any} */ event) => element('li', {}, eventText(event)))
  if (moreEvents > 0) lines.push(element('li', {}, `and ${moreEvents} more`))
  if (typeof value === 'string') lines.push(element('li', {}, value))
  const head = element('p', {}, element('strong', {}, place), ` ${time ?? 'without a time'}${to}`)
  records.prepend(element('li', {}, head, element('ul', {}, ...lines)))
  while (records.children.length > MAX_RECORDS) records.lastElementChild?.remove()
}

/** @param {string} name @param {any} data */
function take(name, data) {
  if (name === 'record') show(data)
  else if (name === 'end') tell(`Closed: ${data.reason}.`)
  else if (name === 'open') {
    const hidden = data.hidesValues ? ' Values are hidden (http.tapValues).' : ''
    tell(`Open for ${Math.round(data.seconds / 60)} minutes: one record a second at most.${hidden}`)
  }
}

async function start() {
  const query = queryOf(new FormData(form))
  const token = heldToken() || (await askToken())
  if (token === '') return
  stop()
  const mine = new AbortController()
  opened = mine
  mark(true)
  tell('Opening...')
  close?.focus()
  const { status, problem } = await openStream(`/api/v1/tap?${query}`, token, mine.signal, take)
  if (opened !== mine) return
  opened = null
  mark(false)
  if (status === 401) forgetToken()
  if (problem !== '') tell(problem, true)
}

function stop() {
  if (opened === null) return
  opened.abort()
  opened = null
  mark(false)
  tell('Closed.')
}

form.addEventListener('submit', (event) => {
  event.preventDefault()
  start()
})
close?.addEventListener('click', () => {
  stop()
  open?.focus()
})
document.addEventListener('forgotten', () => {
  stop()
  records.replaceChildren()
})
// Nobody looks at a page that is not shown.
document.addEventListener('visibilitychange', () => {
  if (document.hidden) stop()
})
section.hidden = false
