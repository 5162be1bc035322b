import { readdirSync, readFileSync } from 'node:fs'

/** Beside this file; in the bundle, beside that. */
const FOLDER = new URL('./client/', import.meta.url)
const TYPES = { js: 'text/javascript', css: 'text/css' } as const

/** What browsers load below `/page/client/`: modules and a style, served as they are. */
export function clientFiles() {
  return readdirSync(FOLDER).flatMap((name) => {
    const [, ending] = /\.(js|css)$/.exec(name) ?? []
    if (ending !== 'js' && ending !== 'css') return []
    const text = readFileSync(new URL(name, FOLDER), 'utf8')
    return { path: `/page/client/${name}`, type: TYPES[ending], text }
  })
}
