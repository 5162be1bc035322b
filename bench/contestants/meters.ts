import type { Meters } from '../../src/observe/types.ts'
import type { Report, Task } from './measure.ts'
import { threadSeconds } from './thread-seconds.ts'

/** Milliseconds between two looks. */
const LOOK = 5

/**
 * Reports by the service's own counters, where no handler in this thread could count; then ends the
 * process. What was handled before the first look is not counted.
 */
export function reportByMeters(meters: Meters, task: Task): void {
  const topic = meters.topic(task.topic)
  const count = () => topic.handled + topic.skipped
  let first = 0
  let started = 0
  let before = threadSeconds()
  setInterval(() => {
    const handled = count()
    if (handled === 0) return
    if (started === 0) {
      started = performance.now()
      before = threadSeconds()
      first = handled
    }
    if (handled < task.count) return
    const after = threadSeconds()
    const threads = [...after].map(([id, seconds]) => seconds - (before.get(id) ?? 0))
    const main = String(process.pid)
    const report: Report = {
      records: handled - first,
      seconds: (performance.now() - started) / 1000,
      cpuSeconds: threads.reduce((sum, seconds) => sum + seconds, 0),
      busiestSeconds: Math.max(...threads),
      mainSeconds: (after.get(main) ?? Number.NaN) - (before.get(main) ?? Number.NaN),
      residentMiB: process.resourceUsage().maxRSS / 1024,
    }
    console.log(JSON.stringify(report))
    process.exit(0)
  }, LOOK)
}
