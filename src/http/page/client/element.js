/**
 * An element. Its texts are text, never markup.
 *
 * @template {keyof HTMLElementTagNameMap} Name
 * @param {Name} name
 * @param {Readonly<Record<string, string | boolean>>} attributes true: without a value; false: left out
 * @param {ReadonlyArray<Node | string>} children
 * @returns {HTMLElementTagNameMap[Name]}
 */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name)
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== false) made.setAttribute(key, value === true ? '' : value)
  }
  made.append(...children)
  return made
}

/**
 * A field of a form with its label, and a line on what to write.
 *
 * @param {string} label
 * @param {HTMLInputElement | HTMLSelectElement} input
 * @param {string} hint
 */
export function field(label, input, hint = '') {
  const name = element('span', { class: 'label' }, label)
  const help = hint === '' ? [] : [element('small', {}, hint)]
  return element('label', { class: 'field' }, name, input, ...help)
}

/**
 * @param {string} name of the field
 * @param {ReadonlyArray<readonly [value: string, text: string]>} options the first one is chosen
 */
export function select(name, options) {
  const made = options.map(([value, text]) => element('option', { value }, text))
  return element('select', { name }, ...made)
}
