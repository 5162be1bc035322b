// node_modules/.bin/node bench/profile-summary.ts FILE...: self time by source file of what Node's
// --cpu-prof wrote.
import { readFileSync } from 'node:fs'
import { relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { table } from '../src/cli/terminal/terminal.ts'

/** What of a .cpuprofile is read here; times in microseconds. */
export interface Profile {
  readonly nodes: readonly {
    readonly id: number
    readonly callFrame: { readonly functionName: string; readonly url: string }
  }[]
  readonly endTime: number
  readonly startTime: number
  readonly samples: readonly number[]
  /** Of each sample: the time since the one before it, of the first since startTime. */
  readonly timeDeltas: readonly number[]
}

export interface SelfTime {
  readonly where: string
  readonly microseconds: number
}

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const MAX_ROWS = 25
/** Waiting for something to do, as V8 calls it. */
const IDLE = '(idle)'

/**
 * Self time by file, the longest first, of the last seconds of a profile. What is in no file has
 * a name in brackets. V8 counts its own functions (JSON.parse) to the file that calls them.
 * They are times of the clock: where others use the machine, longer than CPU times; shares hold.
 */
export function selfTimes(
  profile: Profile,
  seconds: number = Number.POSITIVE_INFINITY,
): readonly SelfTime[] {
  const where = new Map(profile.nodes.map(({ id, callFrame }) => [id, placeOf(callFrame)]))
  const from = profile.endTime - seconds * 1e6
  const sums = new Map<string, number>()
  let time = profile.startTime
  profile.samples.forEach((id, index) => {
    time += profile.timeDeltas[index] ?? 0
    if (time < from) return
    // A sample is the time until the next one.
    const spent = profile.timeDeltas[index + 1] ?? 0
    const place = where.get(id) ?? '(unknown)'
    sums.set(place, (sums.get(place) ?? 0) + spent)
  })
  return [...sums]
    .map(([where, microseconds]) => ({ where, microseconds }))
    .sort((one, other) => other.microseconds - one.microseconds)
}

function placeOf({ functionName, url }: Profile['nodes'][number]['callFrame']): string {
  if (url === '') return functionName.startsWith('(') ? functionName : '(V8)'
  if (!url.startsWith('file:')) return url
  const path = relative(ROOT, fileURLToPath(url))
  const packages = path.lastIndexOf(`node_modules${sep}`)
  return packages < 0 ? path : path.slice(packages)
}

/**
 * The 25 longest, with their share of the time that was not idle; a column of microseconds a record
 * where the number of records is known.
 */
export function describeSelfTimes(times: readonly SelfTime[], records?: number): string {
  const busy = times.filter(({ where }) => where !== IDLE)
  const sum = (some: readonly SelfTime[]) =>
    some.reduce((all, { microseconds }) => all + microseconds, 0)
  const total = sum(busy)
  const row = ({ where, microseconds }: SelfTime) => [
    where,
    (microseconds / 1000).toFixed(1),
    `${((100 * microseconds) / total).toFixed(1)} %`,
    ...(records === undefined ? [] : [(microseconds / records).toFixed(2)]),
  ]
  const rest = { where: '(all others)', microseconds: sum(busy.slice(MAX_ROWS)) }
  const rows = [...busy.slice(0, MAX_ROWS), rest, { where: '(all)', microseconds: total }].map(row)
  const perRecord = records === undefined ? [] : ['us a record']
  const idle = ((sum(times) - total) / 1000).toFixed(1)
  const header = ['self time by file', 'ms', 'share', ...perRecord]
  return `${table(rows, { header })}\nidle: ${idle} ms`
}

export function readProfile(file: string): Profile {
  return JSON.parse(readFileSync(file, 'utf8'))
}

if (process.argv[1] === import.meta.filename) {
  for (const file of process.argv.slice(2)) {
    console.log(`\n${file}\n\n${describeSelfTimes(selfTimes(readProfile(file)))}`)
  }
}
