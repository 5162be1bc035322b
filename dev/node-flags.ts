import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The flags for Node of `npm start`: what is measured or packed runs with the same. */
export const NODE_FLAGS: readonly string[] = flagsOf(
  JSON.parse(readFileSync(join(import.meta.dirname, '../package.json'), 'utf8')).scripts.start,
)

function flagsOf(start: string): string[] {
  const [, ...words] = start.split(' ')
  return words.slice(0, words.indexOf('src/main.ts'))
}
