import { readFileSync } from 'node:fs'

export function residentMiB(pid: number | undefined): number {
  return Math.round(statusOf(pid, 'VmRSS') / 1024)
}

/** Since its start. */
export function peakMiB(pid: number | undefined): number {
  return Math.round(statusOf(pid, 'VmHWM') / 1024)
}

/** How often its main thread has slept and been woken since its start. */
export function wakeUps(pid: number | undefined): number {
  return statusOf(pid, 'voluntary_ctxt_switches')
}

/** Linux: the kernel's own figure, which misses no peak between two samples. */
function statusOf(pid: number | undefined, field: string): number {
  const match = new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(
    readFileSync(`/proc/${pid}/status`, 'utf8'),
  )
  return Number(match?.[1])
}
