import { messageOf, OccError } from '../../kernel/errors.ts'
import { counted } from '../../kernel/text/counted.ts'
import { createPace } from '../../kernel/time/pace.ts'
import type { StoredLetter } from '../../sink/dead-letters/types.ts'
import { type Destination, isRefusal } from './destination.ts'
import type { OpenedStore } from './open.ts'
import { judge, type Selection } from './selection.ts'
import { limited } from './wanted.ts'

export interface SendOptions {
  readonly selection: Selection
  /** Letters per second; 0: no limit. */
  readonly rate: number
  /** Stops between two batches. */
  readonly signal: AbortSignal
  progress(sent: number, bytes: number): void
}

export interface Sent {
  readonly sent: number
  /** Refused letters. */
  readonly failed: number
  /** Why: how many letters for each reason, and one of them. The reasons are bounded. */
  readonly reasons: ReadonlyMap<string, { readonly count: number; readonly id: string }>
  readonly interrupted: boolean
}

const BATCH = 100
const BATCH_BYTES = 500_000
const MAX_REASONS = 20
const OTHER_REASONS = 'other reasons'

/**
 * Sends the selected letters batch by batch: durably notes that a batch is about to be sent, sends
 * it, and removes it from the store once acknowledged. So the next run continues after any
 * interruption. At most one batch is uncertain, and it is not sent again unless requested.
 */
export async function sendLetters(
  opened: OpenedStore,
  destination: Destination,
  { selection, rate, signal, progress }: SendOptions,
): Promise<Sent> {
  const { store, goesOn } = opened
  const { filter, limit } = selection
  const pace = createPace(rate, BATCH)
  const reasons = new Map<string, { readonly count: number; readonly id: string }>()
  let batch: StoredLetter[] = []
  let sent = 0
  let failed = 0
  let bytes = 0

  async function flush(): Promise<void> {
    const letters = batch
    batch = []
    if (letters.length === 0) return
    await pace.due(sent + failed, signal)
    if (signal.aborted) return
    await store.sending(letters)
    const results = await deliver(letters)
    const done = letters.filter((_, index) => results[index] === null)
    const left = letters.filter((_, index) => results[index] !== null)
    await store.end(done, 'redriven')
    await store.returned(left)
    sent += done.length
    failed += left.length
    for (const [index, letter] of letters.entries()) {
      const reason = results[index]
      if (typeof reason === 'string') note(reason, letter.id)
      bytes += letter.record.value?.length ?? 0
    }
    progress(sent + failed, bytes)
  }

  function note(reason: string, id: string): void {
    const isKnown = reasons.has(reason) || reasons.size < MAX_REASONS
    const name = isKnown ? reason : OTHER_REASONS
    const { count, id: first } = reasons.get(name) ?? { count: 0, id }
    reasons.set(name, { count: count + 1, id: first })
  }

  async function deliver(letters: readonly StoredLetter[]) {
    try {
      return await destination.deliver(letters)
    } catch (error) {
      const count = letters.length
      if (isRefusal(error)) await store.returned(letters)
      const state = isRefusal(error)
        ? 'none was sent'
        : `${count} may have been sent: dlq list shows them as "sent?"`
      throw new OccError(
        'OCC_REDRIVE_FAILED',
        `The redrive stopped after ${counted(sent, 'letter')}; of the next ${count}, ${state}. ${messageOf(error)}`,
        { cause: error },
      )
    }
  }

  for await (const letter of limited(store, filter, limit, undefined, { goesOn })) {
    if (signal.aborted) break
    if (judge(letter, selection) !== 'wanted') continue
    const first = batch[0]
    const size = batch.reduce((sum, { record }) => sum + (record.value?.length ?? 0), 0)
    const isFull =
      batch.length >= pace.batch || size + (letter.record.value?.length ?? 0) > BATCH_BYTES
    if (isFull || (first !== undefined && first.record.topic !== letter.record.topic)) await flush()
    batch.push(letter)
  }
  if (!signal.aborted) await flush()
  return { sent, failed, reasons, interrupted: signal.aborted }
}
