import { open } from './dialog.js'
import { element } from './element.js'
import { filled } from './filled.js'
import { count, moment, numberOf } from './letter-names.js'
import { progress } from './letter-progress.js'

/**
 * @typedef {object} Kind
 * @property {string} errorType
 * @property {string | null} handler
 * @property {string} topic
 * @property {number} letters
 * @property {string} first
 * @property {string} last
 * @property {{ readonly place: string, readonly message: string }} sample
 */

/**
 * @typedef {object} Letters
 * @property {number} letters
 * @property {number} others of other groups
 * @property {number} more of kinds that are not listed
 * @property {string | null} cut
 * @property {ReadonlyArray<{ readonly name: string }>} places
 * @property {readonly Kind[]} kinds
 */

/** Kinds whose rows are made at once: a browser takes long for hundreds. */
const AT_ONCE = 50

/** All letters of the target, by kind, each with its buttons; and what is under way. */
export async function showLetters() {
  const list = element('div', { id: 'all-letters', tabindex: '-1' })
  const fill = filled(list, '/api/v1/dead-letters', contentOf)
  if (!(await fill())) return
  const close = element('button', { type: 'button' }, 'Close')
  const again = element('button', { type: 'button' }, 'Look again')
  const work = element('div', { id: 'letter-work' })
  const dialog = element(
    'dialog',
    { class: 'wide', 'aria-labelledby': 'letters-all-title' },
    element('h2', { id: 'letters-all-title' }, 'All dead letters'),
    work,
    list,
    element('p', { class: 'said', role: 'status', 'data-said': true }),
    element('p', { class: 'buttons' }, again, close),
  )
  const look = () => void fill()
  close.addEventListener('click', () => dialog.close())
  again.addEventListener('click', look)
  document.addEventListener('changed', look)
  const stop = progress(work, look)
  open(dialog, () => {
    document.removeEventListener('changed', look)
    stop()
  })
}

/** @param {Letters} found */
function contentOf({ letters, others, more, cut, places, kinds }) {
  const where = places.map(({ name }) => name).join(', ')
  const notes = [
    letters === 0 ? `None in ${where}.` : `${numberOf(letters)} in ${where}.`,
    ...(cut === null
      ? []
      : [`Not all were read, because ${cut}: these figures are not exact; dlq list counts all.`]),
    ...(others === 0 ? [] : [`${count(others)} more are of other groups.`]),
    ...(more === 0 ? [] : [`${count(more)} are of further kinds.`]),
  ]
  const total = element('p', {}, notes.join(' '))
  if (kinds.length === 0) return [total]
  const region = {
    class: 'scroll',
    tabindex: '0',
    role: 'region',
    'aria-label': 'Kinds of dead letters',
  }
  const all = element(
    'p',
    { class: 'buttons start' },
    button('redrive', { 'data-all': true }, `Redrive all ${count(letters)} …`),
    button('drop', { 'data-all': true }, 'Drop all …'),
  )
  const rows = element('tbody')
  const further = element('p', {}, moreButton(kinds, rows))
  return [
    total,
    element('div', region, table(rows)),
    ...(kinds.length > AT_ONCE ? [further] : []),
    ...(kinds.length > 1 ? [all] : []),
  ]
}

/**
 * Makes the first rows, and those that follow when it is pressed.
 *
 * @param {readonly Kind[]} kinds
 * @param {HTMLTableSectionElement} rows
 */
function moreButton(kinds, rows) {
  const more = element('button', { type: 'button' })
  let shown = 0
  function show() {
    rows.append(...kinds.slice(shown, shown + AT_ONCE).flatMap(rowsOf))
    shown = Math.min(shown + AT_ONCE, kinds.length)
    more.textContent = `Show more of ${count(kinds.length)} kinds`
    more.hidden = shown === kinds.length
  }
  more.addEventListener('click', show)
  show()
  return more
}

/** @param {HTMLTableSectionElement} rows */
function table(rows) {
  const heads = ['Error', 'Handler', 'Topic', 'Letters', 'First', 'Last'].map((text) =>
    element('th', { scope: 'col', ...(text === 'Letters' && { class: 'n' }) }, text),
  )
  return element(
    'table',
    { class: 'letters' },
    element('thead', {}, element('tr', {}, ...heads)),
    rows,
  )
}

/** @param {Kind} kind */
function rowsOf({ errorType, handler, topic, letters, first, last, sample }) {
  const data = {
    'data-error': errorType,
    ...(handler !== null && { 'data-handler': handler }),
    'data-topic': topic,
  }
  const name = `${errorType} of ${handler ?? 'no handler'} in ${topic}`
  const row = element(
    'tr',
    {},
    element('th', { scope: 'row' }, element('code', {}, errorType)),
    element('td', {}, handler ?? 'before any handler'),
    element('td', {}, topic),
    element('td', { class: 'n' }, count(letters)),
    element('td', {}, moment(first)),
    element('td', {}, moment(last)),
  )
  const redrive = { ...data, 'aria-label': `Redrive ${numberOf(letters)}: ${name}` }
  const drop = { ...data, 'aria-label': `Drop ${numberOf(letters)}: ${name}` }
  const text = element(
    'td',
    { colspan: '6', class: 'sample' },
    element('p', {}, element('code', {}, sample.place), ` ${sample.message}`),
    element(
      'p',
      { class: 'buttons start' },
      button('redrive', redrive, `Redrive ${count(letters)} …`),
      button('drop', drop, 'Drop …'),
    ),
  )
  return [row, element('tr', { class: 'sample' }, text)]
}

/**
 * @param {string} act
 * @param {Readonly<Record<string, string | boolean>>} attributes
 * @param {string} text
 */
function button(act, attributes, text) {
  return element('button', { type: 'button', 'data-act': `${act}-letters`, ...attributes }, text)
}
