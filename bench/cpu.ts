import type { ChildProcess } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'

/** Ticks a second, as Linux tells times of processes. */
const TICKS = 100

interface Times {
  readonly parent: number
  readonly ticks: number
}

/** Seconds of CPU of the server: its process, those it has, and those that have ended. Linux only. */
export function serverCpu(pid: number): number {
  let ticks = timesOf(pid)?.ticks ?? 0
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    const times = timesOf(Number(name))
    if (times?.parent === pid) ticks += times.ticks
  }
  return ticks / TICKS
}

/** Seconds of CPU of one process, all threads. Linux only. */
export function processCpu(pid: number): number {
  return (timesOf(pid)?.ticks ?? 0) / TICKS
}

/**
 * The same of a child that has to be running. Linux only.
 * @throws Error when it has ended
 */
export function childCpu({ pid, exitCode, signalCode }: ChildProcess): number {
  if (pid === undefined || exitCode !== null || signalCode !== null) {
    throw new Error(`a process that is measured has ended with ${exitCode ?? signalCode}`)
  }
  return processCpu(pid)
}

/** User and system, with children that were waited for; null: it is gone. */
function timesOf(pid: number): Times | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number)
    const ticks = fields.slice(11, 15).reduce((sum, each) => sum + each, 0)
    return { parent: fields[1] ?? 0, ticks }
  } catch {
    return null
  }
}
