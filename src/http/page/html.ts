/** Text that is HTML already. Everything else is escaped where it is put into HTML. */
export class Html {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

type Part = Html | string | number | null | readonly Part[]

/**
 * HTML with values: texts and numbers are escaped, for element content and for attributes in quotes
 * alike; null is nothing; lists are joined.
 */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  let text = strings[0] ?? ''
  for (const [index, part] of parts.entries()) text += textOf(part) + (strings[index + 1] ?? '')
  return new Html(text)
}

function textOf(part: Part): string {
  if (part instanceof Html) return part.text
  if (part === null) return ''
  if (typeof part === 'object') return part.map(textOf).join('')
  return escaped(String(part))
}

/** Characters of which a narrow screen would make a tall row. */
const LONG = 40

/** The last cell of a row: a reason, which may be a sentence. */
export function reasonCell(text: string): Html {
  return html`<td${text.length > LONG ? html` class="long"` : null}>${text}</td>`
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

const SPECIAL = /[&<>"']/

/** Nearly all texts are as they are, and looking is cheaper than replacing. */
function escaped(text: string): string {
  if (!SPECIAL.test(text)) return text
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '')
}
