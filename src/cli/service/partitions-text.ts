import { oldestRecordText } from '../../kernel/shapes/oldest-record.ts'
import type {
  Overview,
  PartitionFacts,
  PartitionOverview,
  PartitionWord,
} from '../../observe/overview/types.ts'
import { block } from '../terminal/blocks.ts'
import { countCell, timeCell } from '../terminal/cells.ts'
import { narrowTable } from '../terminal/narrow.ts'
import { printable } from '../terminal/printable.ts'
import { broken, counted, type Painter, type Style } from '../terminal/terminal.ts'

/** As on the page: ten heights there, up to four hours. */
const TALLEST_SECONDS = 4 * 3600
/** Seconds after which a record in flight is named. */
const LONG = 10
const MAX_OLDEST = 5

/** From bad to good, with the colour, and the letter where there is none. */
const WORDS: Readonly<Record<PartitionWord, readonly [colour: Style, letter: string]>> = {
  stalled: ['red', 'S'],
  growing: [['red', 'bold'], 'G'],
  held: ['magenta', 'H'],
  unknown: ['gray', '?'],
  behind: ['yellow', 'b'],
  ok: ['green', '.'],
  'not mine': ['gray', '-'],
}
const WORST_FIRST = Object.keys(WORDS) as readonly PartitionWord[]

interface Shown {
  readonly each: PartitionOverview
  readonly word: PartitionWord
  readonly facts: PartitionFacts | null
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
  const worst = all
    .filter(({ facts }) => facts !== null)
    .toSorted((a, b) => rank(a) - rank(b) || (b.facts?.lag ?? 0) - (a.facts?.lag ?? 0))
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

/** As this pod knows it, or the one that has it and answers. */
function shownOf(each: PartitionOverview): Shown {
  const { word, facts, told } = each
  return told?.isCurrent === true
    ? { each, word: told.word, facts: told.facts }
    : { each, word, facts }
}

const rank = ({ word }: Shown) => WORST_FIRST.indexOf(word)

function topicOf({ group, topic }: PartitionOverview): string {
  return printable(group === undefined ? topic : `${group}: ${topic}`)
}

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
  const marks = own.map(({ word, facts }) => {
    const [colour, letter] = WORDS[word] ?? WORDS.unknown
    if (!isColoured) return letter
    const behind = Math.min(facts?.lagSeconds ?? 0, TALLEST_SECONDS)
    return style(colour, block(Math.log1p(behind) / Math.log1p(TALLEST_SECONDS)))
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
  const cells = rows.map(({ each, word, facts }) => {
    const [colour] = WORDS[word] ?? WORDS.unknown
    const pod = each.told?.pod ?? 'this one'
    return [
      printable(nameOf(each), Math.max(16, Math.floor(width / 3))),
      style(colour, word),
      timeCell(ms(facts?.lagSeconds)),
      countCell(facts?.lag ?? null),
      timeCell(ms(facts?.secondsUntilLoss)),
      facts?.lag === 0 ? '0 s' : timeCell(ms(facts?.secondsToDrain)),
      countCell(facts?.committed ?? null),
      countCell(facts?.end ?? null),
      countCell(facts?.inFlight ?? null),
      pods.length === 0 ? '' : printable(pod, 40),
      printable(facts?.problem ?? facts?.pausedBy ?? '', 200),
    ]
  })
  return narrowTable(cells, { header: HEADER, width, least: LEAST, fit: 'Waits for' })
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

const ms = (seconds: number | null | undefined) => (seconds == null ? null : seconds * 1000)
