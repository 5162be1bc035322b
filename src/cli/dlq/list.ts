import { createTotals } from '../../app/letters/totals.ts'
import { limited, OtherGroups } from '../../app/letters/wanted.ts'
import type { Config } from '../../config/types.ts'
import { agreeing } from '../../kernel/text/counted.ts'
import { systemClock } from '../../kernel/time/clock.ts'
import type { StoredLetter } from '../../sink/dead-letters/types.ts'
import type { Io } from '../terminal/io.ts'
import { formatCount, table } from '../terminal/terminal.ts'
import { DEFAULT_LIMIT, filterOf, groupingOf, limitOf, listFlags, parseDlq } from './flags.ts'
import { inGroup, isForeign, othersText } from './groups.ts'
import { sayMeant } from './meant.ts'
import { listParked } from './parked.ts'
import { namesOf, withStore } from './store.ts'
import { IN_FALLBACK, letterFacts, letterRow, listHeader, SENT } from './text.ts'
import { totalsJson, totalsTable, totalsText } from './totals.ts'

/** Prints the matching letters or their totals; exit code 0 even if there are none. */
export async function list(args: readonly string[], io: Io): Promise<number> {
  const { names, flags } = parseDlq(args, listFlags)
  if (flags.parked !== undefined) return listParked(names, flags, io)
  const filter = filterOf(flags, names, systemClock.now())
  const asJson = flags.json !== undefined
  const fields = flags.by === undefined ? null : groupingOf(flags.by)
  const limit = limitOf(flags, asJson ? Number.POSITIVE_INFINITY : DEFAULT_LIMIT)
  return withStore(flags, filter, io, async ({ store, config, places }) => {
    const wanted = inGroup(filter, flags.group, config)
    const others = new OtherGroups()
    const totals = createTotals(fields ?? [])
    const shown: StoredLetter[] = []
    const print = (text: string) => io.stdout.write(`${text}\n`)
    // Letters as JSON need no totals, so their list may end early.
    const most = asJson && fields === null ? limit : Number.POSITIVE_INFINITY
    for await (const letter of limited(store, wanted, most, others)) {
      totals.add(letter)
      if (fields !== null) continue
      if (asJson) print(JSON.stringify(letterFacts(letter)))
      // Without the bytes, which the list does not show.
      else if (shown.length < limit) shown.push(withoutValue(letter))
    }
    if (fields !== null && asJson)
      for (const row of totalsJson(totals, limit)) print(JSON.stringify(row))
    if (totals.letters === 0) await sayMeant(store, wanted, io)
    if (asJson) return 0
    if (totals.letters === 0) {
      const which = Object.keys(filter).length === 0 ? '' : ' that match the filter'
      const isNowhere = places.every(({ exists }) => !exists)
      print(
        isNowhere
          ? `No dead letters: ${namesOf(places)} ${places.length === 1 ? 'does' : 'do'} not exist.`
          : `No dead letters${which} (${whose(wanted.groups)}) in ${namesOf(places)}.`,
      )
    } else if (fields === null) {
      print(listText(shown, config))
      print(`\n${totalsText(totals)}`)
    } else {
      print(totalsTable(totals, limit))
      print(`\n${totalsText(totals)}`)
    }
    const rows = fields === null ? totals.letters : totals.rows
    if (rows > limit) {
      const what = fields === null ? '; --by error,handler,topic counts them' : ''
      print(
        `Only the first ${agreeing(limit, 'one is', `${formatCount(limit)} are`)} shown; --limit N shows more${what}.`,
      )
    }
    const more = othersText(others.counts)
    if (more !== null) print(more)
    return 0
  })
}

function withoutValue(letter: StoredLetter): StoredLetter {
  return { ...letter, record: { ...letter.record, value: null, headers: undefined } }
}

function whose(groups: readonly string[] | undefined): string {
  return groups === undefined ? 'all groups' : `group ${groups.join(', ')}`
}

function listText(letters: readonly StoredLetter[], config: Config): string {
  const withGroup = letters.some(({ group }) => isForeign(group, config))
  const rows = letters.map((letter) => letterRow(letter, withGroup))
  const lines = [table(rows, { header: listHeader(withGroup) })]
  const { target, file } = config.deadLetters
  const isSaid = (remark: string) => rows.some((row) => row.at(-1)?.includes(remark))
  if (isSaid(SENT)) {
    lines.push(`\n${SENT}: a redrive ended while sending this letter; see dlq redrive --resend`)
  }
  if (isSaid(IN_FALLBACK)) {
    lines.push(
      `\n${IN_FALLBACK}: the target (${target}) refused this letter; it is kept in ${file.folder}`,
    )
  }
  return lines.join('\n')
}
