import { act } from './act.js'
import { open } from './dialog.js'
import { element } from './element.js'
import { moment, targetName } from './names.js'

/**
 * @typedef {import('./names.js').Target & {
 *   readonly by: string, readonly until: string | null, readonly reason: string | null
 * }} Pause
 */

/** What is paused now, by whom and until when, each with a button to resume it. */
export async function showPauses() {
  const list = element('div', { id: 'pauses', class: 'scroll', tabindex: '-1' })
  if (!(await fill(list))) return
  const look = () => void fill(list)
  const close = element('button', { type: 'button' }, 'Close')
  const dialog = element(
    'dialog',
    { class: 'wide', 'aria-labelledby': 'pauses-title' },
    element('h2', { id: 'pauses-title' }, 'Paused by operators'),
    list,
    element('p', { class: 'said', role: 'status', 'data-said': true }),
    element(
      'p',
      { class: 'buttons' },
      close,
      element(
        'button',
        { type: 'button', id: 'pause', class: 'main', 'data-act': 'pause' },
        'Pause …',
      ),
    ),
  )
  close.addEventListener('click', () => dialog.close())
  document.addEventListener('changed', look)
  open(dialog, () => document.removeEventListener('changed', look))
}

/**
 * @param {HTMLElement} list
 * @returns {Promise<boolean>} false: it has said why not
 */
async function fill(list) {
  const { ok, body } = await act('GET', '/api/v1/state')
  if (!ok) return false
  /** @type {readonly Pause[]} */
  const paused = body.paused
  const hadFocus = list.contains(document.activeElement)
  list.replaceChildren(paused.length === 0 ? element('p', {}, 'Nothing is paused.') : table(paused))
  if (hadFocus) list.focus()
  return true
}

/** @param {readonly Pause[]} paused */
function table(paused) {
  const heads = ['What', 'By', 'Until', 'Why', ''].map((text) =>
    element(text === '' ? 'td' : 'th', text === '' ? {} : { scope: 'col' }, text),
  )
  const rows = paused.map((each) => {
    const { topic, partition, handler, by, until, reason } = each
    const data = {
      ...(topic !== undefined && { 'data-topic': topic }),
      ...(partition !== undefined && { 'data-partition': String(partition) }),
      ...(handler !== undefined && { 'data-handler': handler }),
    }
    const name = targetName(each)
    const button = element(
      'button',
      { type: 'button', 'data-act': 'resume', 'aria-label': `Resume ${name}`, ...data },
      'Resume',
    )
    return element(
      'tr',
      {},
      element('th', { scope: 'row' }, name),
      element('td', {}, by),
      element('td', {}, until === null ? 'resumed' : moment(until)),
      element('td', {}, reason ?? ''),
      element('td', {}, button),
    )
  })
  return element(
    'table',
    {},
    element('thead', {}, element('tr', {}, ...heads)),
    element('tbody', {}, ...rows),
  )
}
