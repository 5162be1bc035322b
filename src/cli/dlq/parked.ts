import { redactText } from '../../kernel/text/redact-text.ts'
import type { ParkedRow } from '../../sink/postgres/parked/list.ts'
import { type Flags, usageError } from '../arguments.ts'
import type { Io } from '../terminal/io.ts'
import { formatCount } from '../terminal/terminal.ts'
import { DEFAULT_LIMIT, limitOf, type listFlags } from './flags.ts'
import { countText, parkedTable, withParked } from './parked-selection.ts'

/** Most rows with --json and no --limit. */
const MOST = 1_000_000

/** Prints the parked records, the first due first. Exit code 0 even if there are none. */
export async function listParked(
  names: readonly string[],
  flags: Flags<typeof listFlags>,
  io: Io,
): Promise<number> {
  if (flags.by !== undefined) throw usageError('--by does not go with --parked')
  const asJson = flags.json !== undefined
  const limit = limitOf(flags, asJson ? MOST : DEFAULT_LIMIT)
  return withParked(flags, names, io, async ({ read }) => {
    const { rows, total } = await read(limit)
    const print = (text: string) => io.stdout.write(`${text}\n`)
    if (asJson) for (const row of rows) print(JSON.stringify(factsOf(row)))
    else if (total === 0) print('No parked records.')
    else {
      const more =
        total > rows.length ? `; the first ${formatCount(rows.length)} are shown, --limit N` : ''
      print(`${parkedTable(rows)}\n\n${countText(total)}${more}`)
    }
    return 0
  })
}

function factsOf({ dueAt, since, reason, ...row }: ParkedRow) {
  return {
    ...row,
    reason: redactText(reason),
    dueAt: new Date(dueAt).toISOString(),
    since: new Date(since).toISOString(),
  }
}
