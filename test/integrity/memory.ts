import { readFileSync } from 'node:fs'

export function residentMiB(pid: number | undefined): number {
  return statusMiB(pid, 'VmRSS')
}

/** Since its start. */
export function peakMiB(pid: number | undefined): number {
  return statusMiB(pid, 'VmHWM')
}

/** Linux: the kernel's own figure, which misses no peak between two samples. */
function statusMiB(pid: number | undefined, field: string): number {
  const match = new RegExp(`${field}:\\s+(\\d+) kB`).exec(
    readFileSync(`/proc/${pid}/status`, 'utf8'),
  )
  return Math.round(Number(match?.[1]) / 1024)
}
