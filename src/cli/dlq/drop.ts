import { dropLetters } from '../../app/letters/drop.ts'
import { planOf } from '../../app/letters/plan.ts'
import type { Selection } from '../../app/letters/selection.ts'
import { systemClock } from '../../kernel/time/clock.ts'
import { interruptSignal } from '../terminal/interrupt.ts'
import type { Io } from '../terminal/io.ts'
import { createProgressBar, formatCount } from '../terminal/terminal.ts'
import { dropFlags, filterUpTo, limitOf, parseDlq, untilHint } from './flags.ts'
import { inGroup } from './groups.ts'
import { sayMeant } from './meant.ts'
import { dropParked } from './parked-actions.ts'
import { describePlan } from './plan.ts'
import { reportMissing, withStore } from './store.ts'

/** Deletes letters permanently: a dry run unless `--yes` is given. */
export async function drop(args: readonly string[], io: Io): Promise<number> {
  const { names, flags } = parseDlq(args, dropFlags)
  if (flags.parked !== undefined) return dropParked(names, flags, io)
  const filter = filterUpTo(flags, names, systemClock.now())
  const allGroups: Selection = {
    filter,
    limit: limitOf(flags, Number.POSITIVE_INFINITY),
    maxRedrives: Number.POSITIVE_INFINITY,
    resend: true,
    batches: true,
  }
  return withStore(flags, filter, io, async (opened) => {
    const { store, config } = opened
    const selection = { ...allGroups, filter: inGroup(filter, flags.group, config) }
    if (flags.yes !== undefined) await store.lock(selection.filter)
    const plan = await planOf(opened, selection)
    if (reportMissing(selection.filter, plan.found, io)) return 1
    io.stdout.write(`${describePlan(plan, 'to drop', selection, config.kafka.groupId)}\n`)
    if (plan.matching === 0) await sayMeant(store, selection.filter, io)
    if (plan.wanted === 0) return 0
    if (flags.yes === undefined) {
      const hint = untilHint(flags, filter)
      io.stdout.write(`\nNothing was dropped. Add --yes to drop them permanently${hint}.\n`)
      return 0
    }
    const { signal, release } = interruptSignal(io)
    const bar = createProgressBar(io.stderr, { label: 'drop', total: plan.wanted })
    try {
      const dropped = await dropLetters(opened, selection, signal, bar.update)
      bar.finish()
      io.stdout.write(`\n${formatCount(dropped)} dropped.\n`)
      return signal.aborted ? 1 : 0
    } finally {
      release()
    }
  })
}
