import {
  ageText,
  doneIn,
  heightOf,
  lastSaid,
  type Shown,
  shownOf,
  titleOf,
  WORST_FIRST,
  waitsFor,
  worstOf,
} from '../../http/page/shown-partitions.ts'
import { oldestRecordText } from '../../kernel/shapes/oldest-record.ts'
import type { Overview, PartitionOverview, PartitionWord } from '../../observe/overview/types.ts'
import { block } from '../terminal/blocks.ts'
import { countCell, secondsCell, UNKNOWN } from '../terminal/cells.ts'
import { narrowTable } from '../terminal/narrow.ts'
import { printable } from '../terminal/printable.ts'
import { broken, counted, type Painter, type Style } from '../terminal/terminal.ts'

/** Seconds after which a record in flight is named. */
const LONG = 10
const MAX_OLDEST = 5

/** With the colour, and the letter where there is none. */
const WORDS: Readonly<Record<PartitionWord, readonly [colour: Style, letter: string]>> = {
  stalled: ['red', 'S'],
  growing: [['red', 'bold'], 'G'],
  held: ['magenta', 'H'],
  unknown: ['gray', '?'],
  behind: ['yellow', 'b'],
  ok: ['green', '.'],
  'not mine': ['gray', '-'],
}

export interface PartitionsOptions {
  readonly style: Painter
  /** Whether the painter paints. */
  readonly isColoured: boolean
  /** Columns. */
  readonly width: number
  /** Rows of the table, at most. */
  readonly most: number
}

/** A strip with a mark for each partition of all pods, what the marks mean, and the worst as rows. */
export function partitionsText(overview: Overview, options: PartitionsOptions): string[] {
  const { style, width, most } = options
  const all = overview.partitions.map(shownOf)
  if (all.length === 0) return []
  const worst = worstOf(all)
  const rows = worst.slice(0, most)
  const more = worst.length - rows.length
  return [
    `${style('bold', 'Partitions')}  ${legend(all, options)}`,
    ...[...Map.groupBy(all, ({ each }) => topicOf(each))].flatMap(([topic, own]) =>
      strip(topic, own, options),
    ),
    ...(rows.length === 0 ? [] : [partitionTable(rows, overview, options)]),
    ...(more > 0
      ? broken(`... and ${counted(more, 'more partition')} that need less attention`, width)
      : []),
    ...oldest(rows, width),
  ]
}

const topicOf = ({ group, topic }: PartitionOverview) => titleOf(group, topic)
const nameOf = (each: PartitionOverview) => `${topicOf(each)}/${each.partition}`

function legend(all: readonly Shown[], { style, isColoured }: PartitionsOptions): string {
  const counts = Map.groupBy(all, ({ word }) => word)
  const words = WORST_FIRST.flatMap((word) => {
    const own = counts.get(word)?.length ?? 0
    if (own === 0) return []
    const [colour, letter] = WORDS[word]
    return `${style(colour, isColoured ? '█' : letter)} ${own} ${word}`
  })
  return words.join('  ')
}

/** With colours the height is the lag in time; without, the letter is the word. */
function strip(
  topic: string,
  own: readonly Shown[],
  { style, isColoured, width }: PartitionsOptions,
): string[] {
  const marks = own.map((shown) => {
    const [colour, letter] = WORDS[shown.word] ?? WORDS.unknown
    return isColoured ? style(colour, block(heightOf(shown))) : letter
  })
  const room = Math.max(1, width - 4)
  const lines = Array.from({ length: Math.ceil(marks.length / room) }, (_, index) =>
    marks.slice(index * room, (index + 1) * room).join(''),
  )
  return [
    `  ${printable(topic, width - 10)} (${own.length})`,
    ...lines.map((line) => `    ${line}`),
  ]
}

const HEADER = [
  ...['Partition', 'State', 'Behind', 'Lag', 'Until loss', 'Done in', 'Committed', 'End'],
  ...['In flight', 'Pod', 'Waits for'],
]
const LEAST = ['Committed', 'End', 'Pod', 'Done in', 'In flight', 'Until loss', 'Lag', 'Waits for']

function partitionTable(
  rows: readonly Shown[],
  { pods }: Overview,
  { style, width }: PartitionsOptions,
): string {
  const cells = rows.map((shown) => {
    const { each, word, facts } = shown
    const [colour] = WORDS[word] ?? WORDS.unknown
    const pod = each.told?.pod ?? 'this one'
    return [
      printable(nameOf(each), Math.max(16, Math.floor(width / 3))),
      style(colour, word),
      secondsCell(facts?.lagSeconds),
      `${countCell(facts?.lag)}${facts === null ? '' : ageText(facts)}`,
      secondsCell(facts?.secondsUntilLoss),
      facts === null ? UNKNOWN : doneIn(facts),
      countCell(facts?.committed),
      countCell(facts?.end),
      countCell(facts?.inFlight),
      pods.length === 0 ? '' : printable(pod, 40),
      printable(reason(shown), 200),
    ]
  })
  return narrowTable(cells, { header: HEADER, width, least: LEAST, fit: 'Waits for' })
}

/** Of a pod that does not answer: what it said last. */
function reason({ each, facts }: Shown): string {
  if (facts === null) return each.told === undefined ? '' : lastSaid(each.told)
  return waitsFor(facts)
}

/** The records that are in flight for long, the longest first. */
function oldest(rows: readonly Shown[], width: number): string[] {
  const age = ({ facts }: Shown) => facts?.oldestInFlightSeconds ?? 0
  return rows
    .filter((each) => age(each) > LONG && (each.facts?.oldest ?? null) !== null)
    .toSorted((a, b) => age(b) - age(a))
    .slice(0, MAX_OLDEST)
    .flatMap((each) => {
      const record = each.facts?.oldest
      const text = record == null ? '' : oldestRecordText(record, age(each))
      return broken(printable(`in flight: ${nameOf(each.each)}, ${text}`, 400), width)
    })
}
