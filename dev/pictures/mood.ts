import { renameSync, writeFileSync } from 'node:fs'

/** How the handler of the pictures does. */
export interface Mood {
  /** Milliseconds that a record takes. */
  readonly delay: number
  /** It fails with every record, as without its database. */
  readonly fails: boolean
  /** It cannot handle each so many-th record; 0: it can handle all. */
  readonly rejects: number
}

export const WELL: Mood = { delay: 0, fails: false, rejects: 0 }

/** The handlers see it within a second, and never half of it. */
export function setMood(file: string, mood: Partial<Mood>): void {
  writeFileSync(`${file}.new`, JSON.stringify({ ...WELL, ...mood }))
  renameSync(`${file}.new`, file)
}
