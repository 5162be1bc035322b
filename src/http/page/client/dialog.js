import { element } from './element.js'
import { say } from './say.js'

let dialogs = 0

/**
 * Asks in a dialog. Enter is its button, Escape is to cancel, and the focus returns to where it was.
 * The button does the work while the dialog is open, so that a problem is seen beside what was written.
 *
 * @param {object} question
 * @param {string} question.title
 * @param {ReadonlyArray<Node | string>} question.content
 * @param {string} question.confirm what the button does, in a word or two
 * @param {string} [question.cancel]
 * @param {boolean} [question.isDanger] it cannot be taken back
 * @param {boolean} [question.isWide] it shows a table
 * @param {(fields: FormData) => boolean | Promise<boolean>} question.work true: it is done, and the dialog
 *   closes. Otherwise it has said why not.
 * @returns {Promise<boolean>} whether it was done, also after the dialog was closed; false: cancelled
 */
export function ask({
  title,
  content,
  confirm,
  cancel = 'Cancel',
  isDanger = false,
  isWide = false,
  work,
}) {
  const id = `dialog-${++dialogs}`
  const leave = element('button', { type: 'button' }, cancel)
  const form = element(
    'form',
    { autocomplete: 'off' },
    element('h2', { id }, title),
    ...content,
    element('p', { class: 'said', role: 'alert', 'data-said': true }),
    element(
      'p',
      { class: 'buttons' },
      leave,
      element('button', { class: isDanger ? 'main danger' : 'main' }, confirm),
    ),
  )
  const dialog = element('dialog', { class: isWide ? 'wide' : '', 'aria-labelledby': id }, form)
  return new Promise((resolve) => {
    let isDone = false
    let isBusy = false
    let isClosed = false
    form.addEventListener('submit', async (event) => {
      event.preventDefault()
      if (isBusy) return
      isBusy = true
      dialog.setAttribute('aria-busy', 'true')
      say('')
      try {
        isDone = await work(new FormData(form))
      } finally {
        isBusy = false
        dialog.removeAttribute('aria-busy')
        if (isClosed) resolve(isDone)
      }
      if (isDone) dialog.close()
    })
    leave.addEventListener('click', () => dialog.close())
    open(dialog, () => {
      isClosed = true
      // What was asked for already goes on: whoever closes it meanwhile hears what came of it.
      if (!isBusy) resolve(isDone)
    })
  })
}

/**
 * Opens it above the page. When it closes it is gone, and the focus is where it was.
 *
 * @param {HTMLDialogElement} dialog
 * @param {() => void} closed
 */
export function open(dialog, closed = () => {}) {
  const before = document.activeElement
  const id = before?.closest('[id]')?.id ?? ''
  dialog.addEventListener('close', () => {
    dialog.remove()
    // The part of the page may have been replaced meanwhile; the new one has the same id.
    const part = document.getElementById(id)
    const again = before?.isConnected ? before : (part?.querySelector('a, button') ?? part)
    if (again instanceof HTMLElement) again.focus()
    closed()
  })
  document.body.append(dialog)
  dialog.showModal()
}
