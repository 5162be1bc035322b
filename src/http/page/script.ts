/**
 * What the browser runs: it replaces the parts of the page that have changed. Without it the page is
 * as complete, but stays as it was loaded.
 */
export const script = `const live = document.getElementById('live')
const said = document.getElementById('said')
let name = document.getElementById('sentence')?.dataset.name

function place(id, html) {
  const old = document.getElementById(id)
  if (old === null) return
  const holder = document.createElement('template')
  holder.innerHTML = html
  const fresh = holder.content.firstElementChild
  // What somebody is reading stays where it was scrolled to, and keeps the focus.
  const before = [...old.querySelectorAll('.scroll')]
  const focused = before.indexOf(document.activeElement)
  old.replaceWith(fresh)
  const after = [...fresh.querySelectorAll('.scroll')]
  for (const [index, each] of after.entries()) each.scrollLeft = before[index]?.scrollLeft ?? 0
  after[focused]?.focus({ preventScroll: true })
}

function show(text, isLive) {
  live.textContent = text
  live.classList.toggle('on', isLive)
}

const source = new EventSource('/page/live')
source.onmessage = ({ data }) => {
  const message = JSON.parse(data)
  for (const [id, html] of Object.entries(message.sections)) {
    const isSelecting = document.getElementById(id)?.contains(getSelection()?.anchorNode) && !getSelection().isCollapsed
    if (!isSelecting) place(id, html)
  }
  document.title = message.title
  show('Live', true)
  // A screen reader hears another sentence, not each new figure.
  if (message.name !== name) said.textContent = message.title
  name = message.name
}
source.onerror = () => {
  const since = new Date().toISOString().slice(11, 19)
  show(source.readyState === EventSource.CLOSED ? 'Not live: reload the page' : 'Not live since ' + since + ' UTC: the pod does not answer', false)
}
`
