import { messageOf, OccError } from '../../kernel/errors.ts'
import { type PauseTarget, pauseTargetName } from '../../kernel/shapes/pause-target.ts'
import { type Flags, numberOf, usageError } from '../arguments.ts'
import type { Io } from '../terminal/io.ts'
import { printable } from '../terminal/printable.ts'
import { table } from '../terminal/terminal.ts'
import type { pauseFlags, resumeFlags } from './flags.ts'
import { withServices } from './reach.ts'
import { fieldsIn, send } from './request.ts'

type PauseFlags = Flags<typeof pauseFlags>
type ResumeFlags = Flags<typeof resumeFlags>

/** Exit code 0 if all services that are named succeeded, else 1. Throws OCC_USAGE, or as `withServices`. */
export async function pausing(flags: PauseFlags, io: Io): Promise<number> {
  const { for: length, until } = flags
  if (length !== undefined && until !== undefined) {
    throw usageError('--for and --until exclude each other')
  }
  const end = length === undefined ? until && { until } : { for: length }
  return ask('pause', flags, { ...end }, io)
}

/** As `pausing`. */
export async function resuming(flags: ResumeFlags, io: Io): Promise<number> {
  return ask('resume', flags, {}, io)
}

/** Sends the request to each service that is named, or to one of a release, and prints what is paused. */
async function ask(
  action: 'pause' | 'resume',
  flags: ResumeFlags,
  end: object,
  io: Io,
): Promise<number> {
  const target = targetOf(flags)
  const { reason } = flags
  const body = { ...target, ...end, ...(reason !== undefined && { reason }) }
  return withServices(flags, { services: 'one', token: true }, io, async (reached) => {
    const { services, silent, token } = reached
    for (const { name, reason: why } of silent) io.stderr.write(`${name} ${why}\n`)
    let failures = silent.length
    for (const { name, url } of services) {
      try {
        const paused = await change(new URL(`/admin/${action}`, url), token, body)
        io.stdout.write(`${name}: ${action}d ${pauseTargetName(target)}\n${pausedText(paused)}\n`)
      } catch (error) {
        failures += 1
        io.stderr.write(`${name}: ${messageOf(error)}\n`)
      }
    }
    return failures === 0 ? 0 : 1
  })
}

function targetOf({ topic, partition, handler }: ResumeFlags): PauseTarget {
  if ((topic === undefined) === (handler === undefined)) {
    throw usageError('give either --topic NAME, with or without --partition N, or --handler NAME')
  }
  if (handler !== undefined) {
    if (partition !== undefined) throw usageError('--partition belongs to --topic')
    return { handler }
  }
  if (topic === undefined) throw usageError('--topic is missing')
  if (partition === undefined) return { topic }
  return { topic, partition: numberOf('--partition', partition, { min: 0, integer: true }) }
}

async function change(url: URL, token: string, body: object): Promise<readonly object[]> {
  const { ok, status, text } = await send(url, '', { method: 'POST', token, body })
  const { paused, error } = fieldsIn(text)
  if (ok && Array.isArray(paused)) return paused
  const said = typeof error === 'string' ? error : 'this is not onchain-consumer'
  throw new OccError('OCC_ADMIN_REFUSED', `answers ${status}: ${said}`)
}

/** What an answer of a service or a `/lag` has: of any version, so nothing is taken for granted. */
export function pausedText(paused: readonly object[]): string {
  if (paused.length === 0) return 'Nothing is paused.'
  const cell = (row: object, name: string) =>
    printable(String(Reflect.get(row, name) ?? ''), MAX_TEXT)
  const rows = paused.map((row) => COLUMNS.map(([name]) => cell(row, name)))
  return table(rows, { header: COLUMNS.map(([, title]) => title) })
}

const MAX_TEXT = 200
const COLUMNS = [
  ['topic', 'Paused topic'],
  ['partition', 'Partition'],
  ['handler', 'Handler'],
  ['by', 'By'],
  ['until', 'Until'],
  ['reason', 'Reason'],
] as const
