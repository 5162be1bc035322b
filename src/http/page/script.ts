/**
 * What the browser runs: it replaces the parts of the page that have changed. Without it the page is
 * as complete, but stays as it was loaded.
 *
 * A connection to a pod whose machine is gone stays open for hours. What is old must not be called live,
 * so a silence longer than that between two messages ends it.
 */
export const script = `const live = document.getElementById('live')
const said = document.getElementById('said')
const SILENCE = 30000
const waiting = new Map()
let name = document.getElementById('sentence')?.dataset.name
let source
let heard = Date.now()
let tried = heard

function place(id, html) {
  const old = document.getElementById(id)
  if (old === null) return
  const holder = document.createElement('template')
  holder.innerHTML = html
  const fresh = holder.content.firstElementChild
  // What somebody is reading stays where it was scrolled to, and keeps the focus.
  const before = [...old.querySelectorAll('.scroll')]
  const active = document.activeElement
  const focused = before.indexOf(active)
  const link = old.contains(active) ? active.getAttribute('href') : null
  old.replaceWith(fresh)
  const after = [...fresh.querySelectorAll('.scroll')]
  for (const [index, each] of after.entries()) each.scrollLeft = before[index]?.scrollLeft ?? 0
  after[focused]?.focus({ preventScroll: true })
  if (link === null) return
  const isSame = (each) => each.getAttribute('href') === link && each.tabIndex === active.tabIndex
  const links = [...fresh.querySelectorAll('a')]
  links.find(isSame)?.focus({ preventScroll: true })
}

function show(text, isLive) {
  live.textContent = text
  live.classList.toggle('on', isLive)
}

/** What somebody has selected stays; it is replaced when the selection is gone. */
function settle() {
  const selection = getSelection()
  for (const [id, html] of waiting) {
    const isSelecting = selection !== null && !selection.isCollapsed && document.getElementById(id)?.contains(selection.anchorNode)
    if (isSelecting) continue
    waiting.delete(id)
    place(id, html)
  }
}

function take({ data }) {
  heard = Date.now()
  const message = JSON.parse(data)
  for (const [id, html] of Object.entries(message.sections)) waiting.set(id, html)
  settle()
  document.title = message.title
  show('Live', true)
  // A screen reader hears another sentence, not each new figure.
  if (message.name !== name) said.textContent = message.title
  name = message.name
}

function notLive() {
  const since = new Date(heard).toISOString().slice(11, 19)
  show(source.readyState === EventSource.CLOSED ? 'Not live: reload the page' : 'Not live since ' + since + ' UTC: the pod does not answer', false)
}

function connect() {
  source?.close()
  tried = Date.now()
  source = new EventSource('/page/live')
  source.onmessage = take
  source.onerror = notLive
}

document.addEventListener('selectionchange', settle)
connect()
setInterval(() => {
  if (source.readyState === EventSource.CLOSED || Date.now() - Math.max(heard, tried) < SILENCE) return
  notLive()
  connect()
}, 5000)
`
