import type { Config } from '../../config/types.ts'
import type {
  LetterAction,
  LetterKinds,
  LetterOrder,
  LettersApi,
} from '../../http/api/letter-types.ts'
import { OccError } from '../../kernel/errors.ts'
import type { Log } from '../../kernel/log.ts'
import { isoTime } from '../../kernel/text/figures.ts'
import { hideSecrets } from '../../kernel/text/redact-text.ts'
import type { Clock } from '../../kernel/time/clock.ts'
import { allOrNothing, createBudget } from './budget.ts'
import { createLetterWork, PLANNING } from './letter-work.ts'
import { type OpenedStore, withLetters } from './open.ts'
import { planOf } from './plan.ts'
import { DEFAULT_MAX_REDRIVES, type Selection } from './selection.ts'
import { createTotals, type Total } from './totals.ts'
import { limited, OtherGroups, topicsByGroup, type Wanted } from './wanted.ts'

/** Milliseconds for which letters are counted at most, and for which the figures are given again. */
const COUNTING = 10_000
const FRESH = 2_000
const MOST_KINDS = 500
const MOST_MESSAGE = 200
/** Readings that wait for their turn. */
const MOST_WAITING = 4

export interface LettersParts {
  /** The program has a handler of its own, in the group of the service. */
  readonly embedded: boolean
  readonly clock: Clock
  readonly log: Log
}

export interface Letters {
  readonly api: LettersApi
  /** Ends what is under way after the batch that is being sent; bounded, from the first call on. */
  stop(): Promise<void>
}

/** The dead letters of the groups of this process, for the API. */
export function createLetters(config: Config, { embedded, clock, log }: LettersParts): Letters {
  const groups = [...topicsByGroup(config, embedded).keys()]
  const parts = { config, embedded, clock, log: log.child({ room: 'sink' }) }
  const opening = <T>(work: (opened: OpenedStore) => Promise<T>) => withLetters(parts, {}, work)
  const background = createLetterWork({
    withLetters: opening,
    clock,
    log: log.child({ room: 'http' }),
  })
  let counted: { readonly kinds: Promise<LetterKinds>; until: number } | null = null
  let turn: Promise<unknown> = Promise.resolve()
  let waiting = 0

  /** One reading at a time: each may take as much memory as there is for it. */
  async function inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (waiting > MOST_WAITING) throw busy()
    waiting += 1
    const mine = turn.then(work, work)
    turn = mine
    try {
      return await mine
    } finally {
      waiting -= 1
    }
  }

  function countKinds(): Promise<LetterKinds> {
    return opening(async ({ store, places }) => {
      const budget = createBudget(COUNTING)
      const others = new OtherGroups()
      const totals = createTotals(['error', 'handler', 'topic'], MOST_KINDS)
      const reading = { outlines: true, goesOn: budget.goesOn }
      const all = limited(store, { groups }, Number.POSITIVE_INFINITY, others, reading)
      for await (const letter of all) totals.add(letter)
      return {
        at: new Date(clock.now()).toISOString(),
        places,
        letters: totals.letters,
        others: sum(others.counts.values()),
        cut: budget.cut,
        kinds: totals.sorted(MOST_KINDS).map(kindOf),
        more: totals.beyond,
      }
    })
  }

  /** For all that ask until it is done, and for those that ask shortly afterwards. */
  function newlyCounted() {
    const mine = { kinds: inTurn(countKinds), until: Number.POSITIVE_INFINITY }
    mine.kinds.then(
      () => {
        mine.until = clock.monotonic() + FRESH
      },
      () => {
        mine.until = 0
      },
    )
    return mine
  }

  function selectionOf(action: LetterAction, order: LetterOrder): Selection {
    const { errorType, handler, topic, until } = order.choice
    const filter: Wanted = {
      groups,
      ...(errorType !== undefined && { errorTypes: [errorType] }),
      ...(handler !== undefined && { exactHandler: handler }),
      ...(topic !== undefined && { topics: [topic] }),
      ...(until !== undefined && { until }),
    }
    const isDrop = action === 'drop'
    const maxRedrives = order.maxRedrives ?? DEFAULT_MAX_REDRIVES
    return {
      filter,
      limit: Number.POSITIVE_INFINITY,
      maxRedrives: isDrop ? Number.POSITIVE_INFINITY : maxRedrives,
      resend: isDrop || order.resend,
      batches: isDrop,
    }
  }

  /** What fails meanwhile is not in it: a record that is redriven may fail again at once. */
  function untilNow({ choice, ...order }: LetterOrder) {
    const until = choice.until ?? clock.now()
    return { ...order, choice: { ...choice, until } }
  }

  return {
    api: {
      kinds() {
        if (counted === null || counted.until < clock.monotonic()) counted = newlyCounted()
        return counted.kinds
      },
      async plan(action, given) {
        const order = untilNow(given)
        const selection = selectionOf(action, order)
        const { wanted, tooOften, uncertain, batches, others } = await inTurn(() =>
          opening((opened) =>
            planOf({ ...opened, goesOn: allOrNothing(createBudget(PLANNING)) }, selection),
          ),
        )
        return {
          until: new Date(order.choice.until).toISOString(),
          ...{ wanted, tooOften, uncertain, batches, others: sum(others.values()) },
        }
      },
      begin(action, given, by) {
        counted = null
        const order = untilNow(given)
        return background.begin(action, order, selectionOf(action, order), by)
      },
      work: background.work,
      cancel: background.cancel,
    },
    stop: background.stop,
  }
}

function kindOf({ values, letters, first, last, sample }: Total): LetterKinds['kinds'][number] {
  const [errorType, handler = null, topic] = values
  const { id, place, message } = sample
  return {
    errorType: errorType ?? '',
    handler,
    topic: topic ?? '',
    letters,
    first: timeIn(first),
    last: timeIn(last),
    sample: {
      id,
      place,
      message: hideSecrets(message, true).slice(0, MOST_MESSAGE).toWellFormed(),
    },
  }
}

/** A table may hold any time. */
const timeIn = (time: number) => isoTime(time) ?? new Date(0).toISOString()

function sum(counts: Iterable<number>): number {
  let total = 0
  for (const count of counts) total += count
  return total
}

function busy(): OccError {
  return new OccError(
    'OCC_DEAD_LETTERS_LOCKED',
    'Dead letters are being read for several requests already: try again in a moment.',
    { retriable: true },
  )
}
