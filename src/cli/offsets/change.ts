import type { Applied, OffsetsControl, PlanTarget } from '../../group/offsets/control.ts'
import type { OffsetPlan } from '../../group/offsets/plan.ts'
import type { Selection } from '../../group/offsets/selection.ts'
import { codeOf } from '../../kernel/errors.ts'
import { systemClock } from '../../kernel/time/clock.ts'
import { parseFlags, usageError } from '../arguments.ts'
import { asTyped } from '../program.ts'
import type { Io } from '../terminal/io.ts'
import { fileTarget, selectionOf, selectionWith, targetOf } from './choice.ts'
import { committedOf, nowText, reserveUndo, undoFile, writePlan } from './files.ts'
import { cancelFlags, importFlags, planFlags, setFlags } from './flags.ts'
import { type OpenFlags, withOffsets } from './open.ts'
import { appliedText, planText } from './text.ts'

/** Prints what a change would do. */
export async function plan(args: readonly string[], io: Io): Promise<number> {
  const flags = parseFlags(args, planFlags)
  const target = targetOf(flags.to, systemClock.now())
  const selection = selectionWith(flags, target)
  return withOffsets(flags, io, async (control) => {
    const made = await control.plan(selection, target)
    io.stdout.write(shown(made, flags, io))
    if (flags.out === undefined) return 0
    const { group } = made
    const partitions = made.partitions.map(({ topic, partition, offset, move }) => ({
      ...{ topic, partition, offset, move },
    }))
    writePlan(flags.out, { group, at: nowText(), partitions })
    io.stdout.write(`Written to ${flags.out}.\n`)
    return 0
  })
}

export async function set(args: readonly string[], io: Io): Promise<number> {
  const flags = parseFlags(args, setFlags)
  const target = targetOf(flags.to, systemClock.now())
  return change({ flags, selection: selectionWith(flags, target), target }, io)
}

/** Ends a replay: the partitions go on where they were before it. */
export async function cancel(args: readonly string[], io: Io): Promise<number> {
  const flags = parseFlags(args, cancelFlags)
  return change({ flags, selection: selectionOf(flags), target: { kind: 'before-replay' } }, io)
}

export async function importFile([file, ...args]: readonly string[], io: Io): Promise<number> {
  if (file === undefined || file.startsWith('-')) {
    throw usageError('offsets import needs a file first: offsets import FILE [flags]')
  }
  const flags = parseFlags(args, importFlags)
  const selection = { topics: null, partitions: null }
  return change({ flags, selection, target: fileTarget(file) }, io)
}

/** Errors that say that nothing was changed. After any other, such as a lost answer, it may have been. */
const UNCHANGED: ReadonlySet<string> = new Set([
  'OCC_GROUP_ACTIVE',
  'OCC_OFFSETS_CHOICE',
  'OCC_OFFSETS_MOVED',
  'OCC_OFFSETS_SKIP',
])

interface Change {
  readonly flags: OpenFlags & {
    readonly yes?: string
    readonly undo?: string
    readonly json?: string
    readonly 'allow-skip'?: string
    readonly deduplicate?: string
  }
  readonly selection: Selection
  readonly target: PlanTarget
}

/** Exit code 0: it was applied, or only shown; 1: not all of it was applied. */
async function change({ flags, selection, target }: Change, io: Io): Promise<number> {
  return withOffsets(flags, io, async (control) => {
    const made = await control.plan(selection, target)
    if (flags.yes === undefined) {
      io.stdout.write(shown(made, flags, io))
      if (flags.json === undefined)
        io.stdout.write(`\nNothing was changed. ${howTo(made, flags)}\n`)
      return 0
    }
    if (flags.json === undefined) io.stdout.write(`${planText(made, io)}\n\n`)
    return apply(control, made, flags, io)
  })
}

async function apply(
  control: OffsetsControl,
  made: OffsetPlan,
  flags: Change['flags'],
  io: Io,
): Promise<number> {
  const { group } = made
  const path = flags.undo ?? undoFile(group, nowText())
  const before = committedOf(made.partitions)
  const writeUndo = reserveUndo(path, { group, at: nowText(), partitions: before })
  let applied: Applied
  try {
    applied = await control.apply({
      partitions: made.partitions,
      allowsSkip: flags['allow-skip'] !== undefined,
      deduplicates: flags.deduplicate !== undefined,
    })
  } catch (error) {
    const mayBeChanged = before.length > 0 && !UNCHANGED.has(codeOf(error))
    if (!mayBeChanged) writeUndo({ group, at: '', partitions: [] })
    else {
      const look =
        'It is not known whether anything was changed: see onchain-consumer offsets status.'
      const back = `The offsets of before: ${importOf(path, group, flags)}`
      io.stderr.write(`${asTyped(`${look} ${back}`, io)}\n`)
    }
    throw error
  }
  const { undo, refused } = applied
  const canUndo = writeUndo(undo)
  if (flags.json !== undefined) {
    io.stdout.write(`${JSON.stringify({ ...applied, undoFile: canUndo ? path : null })}\n`)
  } else {
    io.stdout.write(`${appliedText(applied, io)}\n`)
    if (canUndo) {
      const text = `\nTo undo it: ${importOf(path, group, flags)} --yes\n`
      io.stdout.write(asTyped(text, io))
    }
  }
  return refused.length === 0 ? 0 : 1
}

function shown(made: OffsetPlan, { json }: { readonly json?: string }, io: Io): string {
  return `${json === undefined ? planText(made, io) : JSON.stringify(made)}\n`
}

function howTo({ partitions }: OffsetPlan, flags: Change['flags']): string {
  const skips = partitions.some(({ skip }) => skip > 0) && flags['allow-skip'] === undefined
  return skips
    ? 'Add --yes to apply it, and --allow-skip because it passes by records that nobody handled.'
    : 'Add --yes to apply it.'
}

const WAYS = ['config', 'brokers', 'url', 'release', 'namespace', 'token-file'] as const

/** The command for the file, for the same group by the same way. */
function importOf(path: string, group: string, flags: OpenFlags): string {
  const ways = WAYS.flatMap((name) => {
    const value = flags[name]
    return value === undefined ? [] : [`--${name} ${value}`]
  })
  return ['onchain-consumer offsets import', path, `--group ${group}`, ...ways].join(' ')
}
