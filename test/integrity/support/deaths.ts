import { readdirSync } from 'node:fs'

/** How many worker threads handlers/death.ts has ended. */
export function deathsIn(folder: string): { readonly before: number; readonly written: number } {
  const names = readdirSync(folder)
  const died = (when: string) => names.filter((name) => name.startsWith(`died-${when}-`)).length
  return { before: died('before'), written: died('written') }
}
