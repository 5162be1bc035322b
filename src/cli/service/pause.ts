import { messageOf, OccError } from '../../kernel/errors.ts'
import { type PauseTarget, pauseTargetName } from '../../kernel/pause-target.ts'
import { type Flags, numberOf, usageError } from '../arguments.ts'
import type { Io } from '../terminal/io.ts'
import { table } from '../terminal/terminal.ts'
import type { pauseFlags } from './flags.ts'
import { withServices } from './reach.ts'
import { fieldsIn, send } from './request.ts'

type PauseFlags = Flags<typeof pauseFlags>

/**
 * Sends the request to each service and prints what is paused there. Exit code 0 if all succeeded, else
 * 1. Throws as `withServices`.
 */
export async function setPaused(
  action: 'pause' | 'resume',
  flags: PauseFlags,
  io: Io,
): Promise<number> {
  const target = targetOf(flags)
  return withServices(flags, { services: 'all', token: true }, io, async (reached) => {
    const { services, silent, token } = reached
    for (const { name, reason } of silent) io.stderr.write(`${name} ${reason}\n`)
    let failures = silent.length
    for (const { name, url } of services) {
      try {
        const paused = await change(new URL(`/admin/${action}`, url), token, target)
        io.stdout.write(`${name}: ${action}d ${pauseTargetName(target)}\n${pausedText(paused)}\n`)
      } catch (error) {
        failures += 1
        io.stderr.write(`${name}: ${messageOf(error)}\n`)
      }
    }
    return failures === 0 ? 0 : 1
  })
}

function targetOf({ topic, partition, handler }: PauseFlags): PauseTarget {
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

async function change(url: URL, token: string, target: PauseTarget): Promise<readonly object[]> {
  const { ok, status, text } = await send(url, '', { method: 'POST', token, body: target })
  const { paused, error } = fieldsIn(text)
  if (ok && Array.isArray(paused)) return paused
  const said = typeof error === 'string' ? error : 'this is not onchain-consumer'
  throw new OccError('OCC_ADMIN_REFUSED', `answers ${status}: ${said}`)
}

function pausedText(paused: readonly object[]): string {
  if (paused.length === 0) return 'Nothing is paused.'
  const cell = (row: object, name: string) => String(Reflect.get(row, name) ?? '')
  const names = ['topic', 'partition', 'handler']
  const rows = paused.map((row) => names.map((name) => cell(row, name)))
  return table(rows, { header: ['Paused topic', 'Partition', 'Handler'] })
}
