import type { Message } from '../../decode/types.ts'
import type { Outcome } from '../../kernel/shapes/outcome.ts'
import type { HandlerInvoker } from './invoker.ts'

export interface RoundOptions {
  readonly signal: AbortSignal
  /** One at a time, and none behind a record that needs another attempt. */
  readonly ordered: boolean
  /** A call has ended. */
  progress(): void
}

export interface BatchItem {
  readonly message: Message
  readonly attempt: number
  /** It must not share a batch. */
  readonly alone: boolean
}

type Answers = Array<Outcome | 'untouched'>

/**
 * Hands messages to a batch handler. A batch that fails is handed over again in halves, the first
 * half first, until the failing message is known. If a single message needs another attempt, the
 * messages behind it stay untouched: with `ordered` because of the order, otherwise because nothing
 * has succeeded, so the fault is probably not in the messages.
 */
export async function runBatch(
  invoker: HandlerInvoker,
  items: readonly BatchItem[],
  options: RoundOptions,
): Promise<Answers> {
  const { signal, ordered, progress } = options
  const messages = items.map(({ message }) => message)
  if (!isSome(messages)) return []
  const attempt = items.reduce((most, item) => Math.max(most, item.attempt), 0)
  const answer = await invoker.callBatch(messages, signal, attempt)
  progress()
  if (!('kind' in answer)) return answer.slice()
  if (items.length === 1) return [answer]
  if (answer.kind !== 'retry' && answer.kind !== 'dead') return items.map(() => answer)
  if (signal.aborted) return items.map(() => 'untouched')
  // The other side has asked for fewer calls.
  if (answer.kind === 'retry' && answer.fault === 'limit') {
    return [answer, ...items.slice(1).map(() => 'untouched' as const)]
  }
  const middle = Math.ceil(items.length / 2)
  const front = await runBatch(invoker, items.slice(0, middle), options)
  const behind = items.slice(middle)
  if (signal.aborted || mustStop(front, ordered)) {
    return [...front, ...behind.map(() => 'untouched' as const)]
  }
  return [...front, ...(await runBatch(invoker, behind, options))]
}

function isSome<Item>(list: Item[]): list is [Item, ...Item[]] {
  return list.length > 0
}

function mustStop(front: Answers, ordered: boolean): boolean {
  const isRetry = (answer: Outcome | 'untouched') =>
    answer === 'untouched' || answer.kind === 'retry'
  return front.includes('untouched') || (ordered ? front.some(isRetry) : front.every(isRetry))
}

function chunkOf(items: readonly BatchItem[]): readonly BatchItem[] {
  const first = items.findIndex(({ alone }) => alone)
  return first === -1 ? items : items.slice(0, Math.max(1, first))
}

/** Hands over chunks of at most `size`, one after the other, and stops where it must. */
export async function runBatches(
  invoker: HandlerInvoker,
  size: number,
  items: readonly BatchItem[],
  options: RoundOptions,
): Promise<Answers> {
  const { signal, ordered } = options
  const answers: Answers = []
  while (answers.length < items.length && !signal.aborted) {
    const chunk = chunkOf(items.slice(answers.length, answers.length + size))
    const next = await runBatch(invoker, chunk, options)
    answers.push(...next)
    if (mustStop(next, ordered)) break
  }
  return [...answers, ...items.slice(answers.length).map(() => 'untouched' as const)]
}
