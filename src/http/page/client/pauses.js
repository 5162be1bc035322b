import { open } from './dialog.js'
import { element } from './element.js'
import { filled } from './filled.js'
import { moment, targetName } from './names.js'

/**
 * @typedef {import('./names.js').Target & {
 *   readonly by: string, readonly until: string | null, readonly reason: string | null
 * }} Pause
 */

/** What is paused now, by whom and until when, each with a button to resume it. */
export async function showPauses() {
  const list = element('div', { id: 'pauses', class: 'scroll', tabindex: '-1' })
  const fill = filled(list, '/api/v1/state', contentOf)
  if (!(await fill())) return
  const look = () => void fill()
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

/** @param {{ readonly paused: readonly Pause[] }} state */
function contentOf({ paused }) {
  return [paused.length === 0 ? element('p', {}, 'Nothing is paused.') : table(paused)]
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
