import { hostname } from 'node:os'

/**
 * Files in a folder of dead letters:
 *
 * - `<writer>.ndjson`: the current file of one process;
 * - `<writer>.<time>.ndjson`: closed because of its size or age, never appended to;
 * - `handled.<writer>.ndjson`: markers of a redrive, see letter-index.ts;
 * - `redrive.<unique>.lock`: a redrive is in progress; `redrive.lock` by version 0.1.
 */
const ENDING = '.ndjson'
const MARKERS = 'handled.'

/** Name of this process, unique among all that share a folder: no two pods write to one file. */
export function writerName(env: Readonly<Record<string, string | undefined>>): string {
  const host = env['POD_NAME'] || hostname()
  return `${host.replaceAll(/[^a-zA-Z0-9-]/g, '-')}-${process.pid}`
}

export const currentFile = (writer: string) => `${writer}${ENDING}`
export const markersFile = (writer: string) => `${MARKERS}${writer}${ENDING}`

/** The name of a writer's current file after it is closed. */
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
