import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Contestant } from './contestants.ts'
import { describeSelfTimes, readProfile, selfTimes } from './profile-summary.ts'
import { run } from './run.ts'

const FOLDER = join(import.meta.dirname, '..', '.cache', 'bench-profiles')
/** Microseconds between two samples. */
const INTERVAL = 200

/**
 * Runs it once under Node's sampling profiler, which adds a tenth; prints self times by file, from the
 * first record to the last, of each of its threads, and where the profiles are kept.
 */
export async function profile(
  contestant: Contestant,
  task: { brokers: string; topic: string; count: number },
): Promise<void> {
  const time = new Date().toISOString().replaceAll(/[-:]|\..*/g, '')
  const folder = join(FOLDER, `${time}-${contestant.name.replaceAll(/\W+/g, '-')}`)
  await mkdir(folder, { recursive: true })
  const [node = '', ...rest] = contestant.command
  const flags = ['--cpu-prof', `--cpu-prof-interval=${INTERVAL}`, `--cpu-prof-dir=${folder}`]
  const { records, seconds, cpuSeconds } = await run(
    { ...contestant, command: [node, ...flags, ...rest] },
    task,
  )
  const cpu = ((cpuSeconds / records) * 1e6).toFixed(1)
  console.log(
    `\n${contestant.name}: ${Math.round(records / seconds)} records/s, ${cpu} us of CPU a record`,
  )
  for (const file of (await readdir(folder)).sort()) {
    const path = join(folder, file)
    // The process ends at the last record, so these are the profile's last seconds.
    const times = selfTimes(readProfile(path), seconds)
    console.log(`\n${path}\n\n${describeSelfTimes(times, records)}`)
  }
}
