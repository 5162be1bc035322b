import { secondText } from '../../kernel/text/figures.ts'
import type { Overview } from '../../observe/overview/types.ts'
import { countCell, rateCell, secondsCell } from '../terminal/cells.ts'
import { narrowTable } from '../terminal/narrow.ts'
import { printable } from '../terminal/printable.ts'
import { broken, counted, type Painter } from '../terminal/terminal.ts'

interface Options {
  readonly style: Painter
  /** Columns. */
  readonly width: number
}

const MAX_NAME = 40
/** The newest. */
const MAX_KINDS = 8

export function handlersText({ handlers }: Overview, { style, width }: Options): string[] {
  if (handlers.length === 0) return []
  const rows = handlers.map(
    ({ name, circuit, circuitSince, outcomesPerMinute: rates, ...each }) => [
      printable(name, MAX_NAME),
      style(circuit === 'closed' ? 'green' : 'yellow', circuit),
      circuitSince === null ? '' : momentOf(circuitSince),
      rateCell(rates?.ok),
      rateCell(rates?.skip),
      rateCell(rates?.retry),
      rateCell(rates?.later),
      rateCell(rates?.dead),
      secondsCell(each.p99Seconds),
      countCell(each.inFlight),
      countCell(each.waiting),
      countCell(each.suspects),
      countCell(each.hanging),
    ],
  )
  return [
    narrowTable(rows, {
      header: [
        ...['Handler', 'Circuit', 'Since', 'ok/min', 'skip/min', 'retry/min', 'later/min'],
        ...['dead/min', 'p99', 'In flight', 'Waiting', 'Suspects', 'Hanging'],
      ],
      width,
      least: [
        'later/min',
        'skip/min',
        'Since',
        'Suspects',
        'Waiting',
        'p99',
        'Hanging',
        'In flight',
        'dead/min',
        'retry/min',
      ],
    }),
  ]
}

export function sinksText({ sinks }: Overview, { style, width }: Options): string[] {
  if (sinks.length === 0) return []
  const rows = sinks.map(({ name, up, ...each }) => [
    printable(name, MAX_NAME),
    up ? style('green', 'up') : style('red', 'down'),
    rateCell(each.valuesPerMinute),
    rateCell(each.errorsPerMinute),
    countCell(each.waiting),
    secondsCell(each.p99Seconds),
  ])
  return [
    narrowTable(rows, {
      header: ['Sink', 'State', 'values/min', 'errors/min', 'Waiting', 'p99'],
      width,
      least: ['p99', 'values/min', 'Waiting'],
    }),
  ]
}

/** Those that this pod has kept, by error and handler. */
export function lettersText({ letters }: Overview, { style, width }: Options): string[] {
  const { kept, waiting, kinds } = letters
  if (kept === 0 && waiting === 0) return []
  const rows = kinds
    .slice(0, MAX_KINDS)
    .map(({ code, handler, count, first, last, sample }) => [
      style('yellow', printable(code, MAX_NAME)),
      printable(handler ?? 'before any handler', MAX_NAME),
      countCell(count),
      momentOf(first),
      momentOf(last),
      printable(sample, 80),
    ])
  const waits =
    waiting === 1 ? '1 waits for its target' : `${countCell(waiting)} wait for their target`
  const wait = waiting === 0 ? '' : `; ${waits}`
  const more = kinds.length - rows.length
  return [
    style('bold', 'Dead letters'),
    ...broken(`${countCell(kept)} since the start of this pod${wait}`, width),
    ...(rows.length === 0
      ? []
      : [
          narrowTable(rows, {
            header: ['Error', 'Handler', 'Letters', 'First', 'Last', 'The last one'],
            width,
            least: ['First', 'The last one', 'Last', 'Handler'],
          }),
        ]),
    ...(more > 0 ? [`... and ${more} more kinds`] : []),
  ]
}

/** What else the group section of the page says, as names and texts. */
export function groupRows(overview: Overview): string[][] {
  const { members, pods, certificates, config } = overview
  return [
    ...members.map(({ id, state, generation, partitions, reason }) => [
      'member',
      `${id}: ${state}, generation ${generation ?? '?'}, ${counted(partitions, 'partition')}${reason === null ? '' : `: ${reason}`}`,
    ]),
    ...pods.map(({ pod, address, partitions, ageSeconds, problem }) => [
      'other pod',
      `${pod ?? address}: ${partitions === null ? '? partitions' : counted(partitions, 'partition')}, ${ageSeconds === null ? 'has not answered yet' : `asked ${secondsCell(ageSeconds)} ago`}${problem === null ? '' : `; now: ${problem}`}`,
    ]),
    ...certificates.map(({ name, subject, notAfter, daysLeft }) => [
      'certificate',
      `${name} ${subject}: until ${momentOf(notAfter)}, ${counted(daysLeft, 'day')}`,
    ]),
    ...(config.pendingRestart.length === 0
      ? []
      : [['waits for a restart', config.pendingRestart.join(', ')]]),
  ].map(([name = '', text = '']) => [name, printable(text, 400)])
}

const momentOf = (iso: string) => secondText(Date.parse(iso))
