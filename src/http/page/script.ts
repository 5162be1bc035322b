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

/**
 * Makes a part like the fresh one. Only what differs is touched: a thousand cells cost a browser more to lay out
 * than to compare, and what somebody is reading stays where it was scrolled to, and keeps the focus.
 */
function renew(old, fresh) {
  if (old.nodeName !== fresh.nodeName) return old.replaceWith(fresh)
  if (old.nodeType !== Node.ELEMENT_NODE) {
    if (old.data !== fresh.data) old.data = fresh.data
    return
  }
  for (const name of old.getAttributeNames()) {
    if (!fresh.hasAttribute(name)) old.removeAttribute(name)
  }
  for (const { name, value } of fresh.attributes) {
    if (old.getAttribute(name) !== value) old.setAttribute(name, value)
  }
  const [before, after] = [[...old.childNodes], [...fresh.childNodes]]
  for (const [index, each] of after.entries()) {
    if (before[index] === undefined) old.append(each)
    else renew(before[index], each)
  }
  for (const each of before.slice(after.length)) each.remove()
}

function place(id, html) {
  const old = document.getElementById(id)
  if (old === null) return
  const holder = document.createElement('template')
  holder.innerHTML = html
  const active = document.activeElement
  const link = old.contains(active) ? active.getAttribute('href') : null
  renew(old, holder.content.firstElementChild)
  if (link === null || active.getAttribute('href') === link) return
  // Its row has moved.
  const isSame = (each) => each.getAttribute('href') === link && each.tabIndex === active.tabIndex
  const links = [...document.getElementById(id).querySelectorAll('a')]
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
