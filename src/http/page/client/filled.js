import { act } from './act.js'

/**
 * Fills a list with what the API answers, each time it is called. An answer that a later one has overtaken is of
 * before, and is left out. What had the focus in it gives it to the list.
 *
 * @param {HTMLElement} list
 * @param {string} path
 * @param {(body: any) => readonly Node[]} contentOf
 * @returns {() => Promise<boolean>} false: it has said why not
 */
export function filled(list, path, contentOf) {
  let asked = 0
  let shown = 0
  return async () => {
    asked += 1
    const own = asked
    const { ok, body } = await act('GET', path)
    if (!ok) return false
    if (own < shown) return true
    shown = own
    const hadFocus = list.contains(document.activeElement)
    list.replaceChildren(...contentOf(body))
    if (hadFocus) list.focus()
    return true
  }
}
