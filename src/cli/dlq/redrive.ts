import { createTopicDestination, type Destination } from '../../app/letters/destination.ts'
import type { OpenedStore } from '../../app/letters/open.ts'
import { type Plan, planOf } from '../../app/letters/plan.ts'
import { DEFAULT_MAX_REDRIVES, type Selection } from '../../app/letters/selection.ts'
import { type Sent, sendLetters } from '../../app/letters/send.ts'
import { printable } from '../../kernel/text/printable.ts'
import { systemClock } from '../../kernel/time/clock.ts'
import { numberOf, usageError } from '../arguments.ts'
import { interruptSignal } from '../terminal/interrupt.ts'
import type { Io } from '../terminal/io.ts'
import { createProgressBar, formatCount } from '../terminal/terminal.ts'
import { filterUpTo, limitOf, parseDlq, redriveFlags, untilHint } from './flags.ts'
import { inGroup } from './groups.ts'
import { sayMeant } from './meant.ts'
import { redriveParked } from './parked-actions.ts'
import { describePlan } from './plan.ts'
import { reportMissing, withStore } from './store.ts'

/** Opens the configured handlers as a destination; tests pass their own. */
export type OpenHandlers = (opened: OpenedStore) => Promise<Destination>

/**
 * Sends letters again: a dry run unless `--yes` is given. Exit code 0 if all wanted letters were
 * sent, 1 if some stayed or Ctrl-C interrupted it.
 */
export async function redrive(
  args: readonly string[],
  io: Io,
  openHandlers: OpenHandlers,
): Promise<number> {
  const { names, flags } = parseDlq(args, redriveFlags)
  if (flags.parked !== undefined) return redriveParked(names, flags, io)
  const toTopic = flags['to-topic']
  const toGroup = flags['to-group']
  const toHandlers = flags['to-handlers'] !== undefined
  if (toHandlers && (toTopic ?? toGroup) !== undefined) {
    const other = toTopic === undefined ? '--to-group' : '--to-topic'
    throw usageError(`${other} and --to-handlers exclude each other; give one`)
  }
  const filter = filterUpTo(flags, names, systemClock.now())
  const allGroups: Selection = {
    filter,
    limit: limitOf(flags, Number.POSITIVE_INFINITY),
    maxRedrives: numberOf('--max-redrives', flags['max-redrives'] ?? `${DEFAULT_MAX_REDRIVES}`, {
      min: 1,
      integer: true,
    }),
    resend: flags.resend !== undefined,
    batches: false,
  }
  const rate = flags.rate === undefined ? 0 : numberOf('--rate', flags.rate, { min: 0.01 })
  return withStore(flags, filter, io, async (opened) => {
    const { groupId } = opened.config.kafka
    const selection = { ...allGroups, filter: inGroup(filter, flags.group, opened.config) }
    if (flags.yes !== undefined) await opened.store.lock(selection.filter)
    const plan = await planOf(opened, selection)
    if (reportMissing(selection.filter, plan.found, io)) return 1
    const destination = toHandlers
      ? await openHandlers(opened)
      : createTopicDestination(opened, { toTopic, toGroup })
    try {
      io.stdout.write(`${describePlan(plan, destination.text, selection, groupId)}\n`)
      if (plan.matching === 0) await sayMeant(opened.store, selection.filter, io)
      if (plan.wanted === 0) return 0
      await destination.check(plan.topics)
      if (flags.yes !== undefined) return await send(opened, destination, plan, selection, rate, io)
      const hint = untilHint(flags, filter)
      io.stdout.write(`\nNothing was sent. Add --yes to send them${hint}.\n`)
      return 0
    } finally {
      await destination.close()
    }
  })
}

/** Each reason once, with how many letters it holds back and one of them. */
function reasonLines(reasons: Sent['reasons']): string[] {
  return Array.from(reasons, ([reason, { count, id }]) => {
    const more = count === 1 ? '' : ` and ${formatCount(count - 1)} more`
    return `${id}${more}: ${printable(reason)}`
  })
}

async function send(
  opened: OpenedStore,
  destination: Destination,
  plan: Plan,
  selection: Selection,
  rate: number,
  io: Io,
): Promise<number> {
  const interrupt = interruptSignal(io)
  const bar = createProgressBar(io.stderr, { label: 'redrive', total: plan.wanted })
  try {
    const { sent, failed, reasons, interrupted } = await sendLetters(opened, destination, {
      selection,
      rate,
      signal: interrupt.signal,
      progress: (done, bytes) => bar.update(done, bytes),
    })
    bar.finish()
    io.stdout.write(`\n${formatCount(sent)} sent ${destination.text}.\n`)
    if (failed > 0) {
      io.stdout.write(`${formatCount(failed)} stay: they failed again.\n`)
      for (const line of reasonLines(reasons)) io.stdout.write(`  ${line}\n`)
    }
    if (interrupted) io.stdout.write('Interrupted; run the same command again to send the rest.\n')
    return failed > 0 || interrupted ? 1 : 0
  } finally {
    interrupt.release()
  }
}
