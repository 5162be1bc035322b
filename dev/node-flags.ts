import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Node's flags of `npm start`: benchmarks and packages use the same. */
export const NODE_FLAGS: readonly string[] = nodeFlagsOf(join(import.meta.dirname, '..'))

/** The flags of the checkout in this folder. */
export function nodeFlagsOf(folder: string): string[] {
  const { scripts } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const [, ...words]: string[] = scripts.start.split(' ')
  return words.slice(0, words.indexOf('src/main.ts'))
}
