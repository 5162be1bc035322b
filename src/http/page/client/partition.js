import { open } from './dialog.js'
import { element } from './element.js'

/** Milliseconds. */
const INTERVAL = 2_000
const PATIENCE = 10_000

/**
 * What the page of a partition shows.
 *
 * @param {string} href
 * @returns {Promise<HTMLElement | null>} null: there is no such page, or no answer
 */
async function load(href) {
  try {
    const response = await fetch(href, {
      credentials: 'omit',
      signal: AbortSignal.timeout(PATIENCE),
    })
    const page = new DOMParser().parseFromString(await response.text(), 'text/html')
    return page.getElementById('partition')
  } catch {
    return null
  }
}

/** Shows the partition as it is now. What somebody has selected or focused stays. */
async function look() {
  const old = document.getElementById('partition')
  if (old === null || document.hidden || isSelected(old)) return
  const fresh = await load(old.dataset['href'] ?? '')
  if (!old.isConnected || isSelected(old)) return
  if (fresh === null) {
    old.querySelector('.as-of')?.classList.add('lost')
    return
  }
  const { activeElement: focused } = document
  const hadFocus = old.contains(focused)
  old.replaceWith(fresh)
  if (hadFocus) focusOn(focused?.id ?? '')
}

/** @param {string} id of what has the focus again, if it is still there; else the title has it */
function focusOn(id) {
  const again = document.getElementById(id) ?? document.getElementById('partition-title')
  again?.focus({ preventScroll: true })
}

/** @param {Node} part */
function isSelected(part) {
  const selection = getSelection()
  return selection !== null && !selection.isCollapsed && part.contains(selection.anchorNode)
}

/**
 * Over the page where the link is, so that the page keeps what it has: its place, and the token.
 *
 * @param {string} href
 */
async function show(href) {
  const section = await load(href)
  if (section === null) return location.assign(href)
  section.querySelector('#partition-title')?.setAttribute('autofocus', '')
  const close = element('button', { type: 'button' }, 'Close')
  const dialog = element(
    'dialog',
    { class: 'wide', 'aria-labelledby': 'partition-title' },
    element('p', { class: 'said', role: 'status', 'data-said': true }),
    section,
    element('p', { class: 'buttons' }, close),
  )
  close.addEventListener('click', () => dialog.close())
  open(dialog)
}

document.addEventListener('click', (event) => {
  const { target, button, ctrlKey, metaKey, shiftKey } = event
  if (button !== 0 || ctrlKey || metaKey || shiftKey || !(target instanceof Element)) return
  const link = target.closest('a[href^="/page/partitions/"]')
  if (!(link instanceof HTMLAnchorElement)) return
  event.preventDefault()
  void show(link.href)
})
document.addEventListener('changed', look)
setInterval(look, INTERVAL)
