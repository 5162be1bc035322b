/**
 * Says what came of an action, to eyes and to screen readers: in the dialog that is open, else above
 * the content of the page.
 *
 * @param {string} text empty: takes back what was said
 * @param {'done' | 'problem'} kind
 */
export function say(text, kind = 'done') {
  const inDialog = [...document.querySelectorAll('dialog[open] [data-said]')].at(-1)
  const place = inDialog ?? document.getElementById('acted')
  if (place === null || place === undefined) return
  place.classList.toggle('problem', kind === 'problem')
  place.textContent = text
}

/**
 * Says what was done, and has everything look again that shows the state.
 *
 * @param {string} text
 */
export function done(text) {
  say(text)
  document.dispatchEvent(new Event('changed'))
}
