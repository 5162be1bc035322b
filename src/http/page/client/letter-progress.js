import { element } from './element.js'
import { count, duration } from './letter-names.js'
import { request } from './request.js'
import { forgetToken, heldToken } from './token.js'

/** Milliseconds. */
const INTERVAL = 1_000

/**
 * @typedef {object} Work
 * @property {'redrive' | 'drop'} action
 * @property {'running' | 'done' | 'cancelled' | 'failed'} state
 * @property {string} by
 * @property {string} startedAt
 * @property {number} wanted
 * @property {number} done
 * @property {number} refused
 * @property {ReadonlyArray<{ readonly reason: string, readonly letters: number }>} reasons
 * @property {{ readonly code: string, readonly detail: string } | null} error
 */

/**
 * Shows what is under way in this pod, and how it ended.
 *
 * @param {HTMLElement} place
 * @param {() => void} ended called when something that was under way is over
 * @returns {() => void} ends the looking
 */
export function progress(place, ended) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer
  let isOver = false
  let wasRunning = false
  /** Since this dialog is open: an older one is no news. */
  let isNews = false

  async function look() {
    clearTimeout(timer)
    const work = await newest()
    if (isOver) return
    if (work === undefined) {
      // It goes on whether the pod answers or not.
      const text = place.querySelector('.work-text')
      if (text !== null) text.textContent = 'how far it is, the pod does not say'
      if (wasRunning) timer = setTimeout(look, INTERVAL)
      return
    }
    const isRunning = work?.state === 'running'
    isNews ||= isRunning
    if (work !== null && isNews) show(place, work)
    if (wasRunning && !isRunning) ended()
    wasRunning = isRunning
    if (isRunning) timer = setTimeout(look, INTERVAL)
  }

  const begun = () => {
    isNews = true
    wasRunning = true
    void look()
  }
  document.addEventListener('letters-begun', begun)
  void look()
  return () => {
    isOver = true
    clearTimeout(timer)
    document.removeEventListener('letters-begun', begun)
  }
}

/**
 * Nobody has asked for it: so it asks for no token, and says nothing.
 *
 * @returns {Promise<Work | null | undefined>} null: there was none; undefined: no answer
 */
async function newest() {
  const token = heldToken()
  if (token === '') return undefined
  const ask = (/** @type {string} */ action) =>
    request(token, 'GET', `/api/v1/dead-letters/${action}`, undefined)
  const answers = await Promise.all([ask('redrive'), ask('drop')])
  // It is not sent again: wrong ones are counted.
  if (answers.some(({ status }) => status === 401) && heldToken() === token) forgetToken()
  if (!answers.every(({ ok }) => ok)) return undefined
  /** @type {Work[]} */
  const works = answers.flatMap(({ body }) => (body.work === null ? [] : [body.work]))
  return works.sort((a, b) => (a.startedAt < b.startedAt ? 1 : -1))[0] ?? null
}

/**
 * @param {HTMLElement} place
 * @param {Work} work
 */
function show(place, work) {
  const { action, by, wanted, done } = work
  if (work.state !== 'running') {
    place.replaceChildren(element('p', { role: 'status', class: 'work' }, textOf(work)))
    return
  }
  const bar = place.querySelector('progress') ?? begin(place, action)
  bar.max = wanted
  bar.value = done
  const text = place.querySelector('.work-text')
  if (text !== null) text.textContent = `${count(done)} of ${count(wanted)}${left(work)}, by ${by}`
}

/**
 * The button stays the same while figures change, so that it keeps the focus.
 *
 * @param {HTMLElement} place
 * @param {string} action
 */
function begin(place, action) {
  const name = action === 'redrive' ? 'Redrive' : 'Drop'
  const bar = element('progress', { 'aria-label': `${name} of dead letters` })
  const cancel = element(
    'button',
    { type: 'button', 'data-act': 'cancel-letters', 'data-action': action },
    'Cancel',
  )
  const text = element('span', { class: 'work-text' })
  place.replaceChildren(element('p', { class: 'work' }, `${name}: `, bar, ' ', text, ' ', cancel))
  return bar
}

/** @param {Work} work */
function left({ startedAt, wanted, done }) {
  if (done === 0) return ''
  const seconds = (Date.now() - Date.parse(startedAt)) / 1000
  return `, ${duration(((wanted - done) / done) * seconds)} left`
}

/** @param {Work} work */
function textOf({ action, state, wanted, done, refused, reasons, error }) {
  const what = action === 'redrive' ? 'redriven' : 'dropped'
  const sent = `${count(done - refused)} of ${count(wanted)} ${what}`
  const why = reasons.map(({ reason, letters }) => `${count(letters)}: ${reason}`).join('; ')
  const stayed = refused === 0 ? '' : ` ${count(refused)} stay: ${why}.`
  if (state === 'failed') return `The ${action} failed, ${sent}. ${error?.code}: ${error?.detail}`
  return `${state === 'done' ? 'Done' : 'Cancelled'}: ${sent}.${stayed}`
}
