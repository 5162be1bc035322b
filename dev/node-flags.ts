import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The flags for Node of `npm start`: what is measured or packed runs with the same. */
export const NODE_FLAGS: readonly string[] = nodeFlagsOf(join(import.meta.dirname, '..'))

/** Those of the checkout in this folder. */
export function nodeFlagsOf(folder: string): string[] {
  const { scripts } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const [, ...words]: string[] = scripts.start.split(' ')
  return words.slice(0, words.indexOf('src/main.ts'))
}
