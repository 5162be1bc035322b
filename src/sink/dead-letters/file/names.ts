import { hostname } from 'node:os'

/**
 * Files of a folder of dead letters:
 *
 * - `<writer>.ndjson`: what one process is writing now;
 * - `<writer>.<time>.ndjson`: full or old, nobody adds to it;
 * - `handled.<writer>.ndjson`: markers of a redrive, see letter-index.ts;
 * - `redrive.<unique>.lock`: a redrive is under way; `redrive.lock` by version 0.1.
 */
const ENDING = '.ndjson'
const MARKERS = 'handled.'

/** The name of this process among all that share a folder: two pods never write to one file. */
export function writerName(env: Readonly<Record<string, string | undefined>>): string {
  const host = env['POD_NAME'] || hostname()
  return `${host.replaceAll(/[^a-zA-Z0-9-]/g, '-')}-${process.pid}`
}

export const currentFile = (writer: string) => `${writer}${ENDING}`
export const markersFile = (writer: string) => `${MARKERS}${writer}${ENDING}`

/** What the current file of a writer is called once it is full. */
export function closedFile(current: string, now: number): string {
  const time = new Date(now).toISOString().replaceAll(/[-:.]/g, '')
  return `${current.slice(0, -ENDING.length)}.${time}${ENDING}`
}

export const lockFile = (unique: string) => `redrive.${unique}.lock`
export const isLock = (name: string) => /^redrive\..*lock$/.test(name)

export const isData = (name: string) => name.endsWith(ENDING)
export const isMarkers = (name: string) => isData(name) && name.startsWith(MARKERS)
export const isLetters = (name: string) => isData(name) && !isMarkers(name)
export const isCurrent = (name: string) => isLetters(name) && !/\.\d{8}T\d{9}Z\.ndjson$/.test(name)
