import { systemClock } from '../../kernel/clock.ts'
import type { Io } from '../terminal/io.ts'
import { table } from '../terminal/terminal.ts'
import { DEFAULT_LIMIT, filterOf, limitOf, listFlags, parseDlq } from './flags.ts'
import { limited, withStore } from './store.ts'
import { IN_FALLBACK, LIST_HEADER, letterFacts, letterRow, SENT } from './text.ts'

/** Prints the matching letters; exit code 0 even if there are none. */
export async function list(args: readonly string[], io: Io): Promise<number> {
  const { names, flags } = parseDlq(args, listFlags)
  const filter = filterOf(flags, names, systemClock.now())
  const asJson = flags.json !== undefined
  const limit = limitOf(flags, asJson ? Number.POSITIVE_INFINITY : DEFAULT_LIMIT)
  return withStore(flags.config, io, async ({ store, config }) => {
    const rows: string[][] = []
    let more = false
    // One more than shown tells whether there are more.
    for await (const letter of limited(store, filter, limit + (asJson ? 0 : 1))) {
      if (asJson) io.stdout.write(`${JSON.stringify(letterFacts(letter))}\n`)
      else if (rows.length < limit) rows.push(letterRow(letter))
      else more = true
    }
    if (asJson) return 0
    if (rows.length === 0) {
      io.stdout.write(`No dead letters${describeFilter(filter)} (${config.deadLetters.target}).\n`)
      return 0
    }
    io.stdout.write(`${table(rows, { header: LIST_HEADER })}\n`)
    const isSaid = (remark: string) => rows.some((row) => row.at(-1)?.includes(remark))
    if (isSaid(SENT)) {
      io.stdout.write(
        `\n${SENT}: a redrive ended while sending this letter; see dlq redrive --resend\n`,
      )
    }
    if (isSaid(IN_FALLBACK)) {
      io.stdout.write(
        `\n${IN_FALLBACK}: the target (${config.deadLetters.target}) refused this letter; it is kept in ${config.deadLetters.file.folder}\n`,
      )
    }
    if (more) io.stdout.write(`\nOnly the first ${limit} are shown; --limit N shows more.\n`)
    return 0
  })
}

function describeFilter(filter: object): string {
  return Object.keys(filter).length === 0 ? '' : ' that match the filter'
}
