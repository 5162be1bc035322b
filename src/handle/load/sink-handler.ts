import type { Message } from '../../decode/types.ts'
import { codeOf } from '../../kernel/errors.ts'
import { KEPT } from '../../kernel/shapes/held-write.ts'
import { type Outcome, skip } from '../../kernel/shapes/outcome.ts'
import type { BatchHandler, Emit } from '../api/types.ts'
import { outcomeOf } from '../call/answers.ts'
import { outside } from '../call/origins.ts'

/** A handler without code: it sends everything it gets to a sink. */
export interface SinkHandlerOptions {
  readonly name: string
  readonly sink: string
  /** One value for each event, or for each message. */
  readonly each: 'event' | 'message'
  /** The sink takes a list as several values: then a message is one emit. */
  readonly asList: boolean
  /** Messages of one call. They share the writes of the sink, and come again together. */
  readonly size: number
}

export function createSinkHandler({
  name,
  sink,
  each,
  asList,
  size,
}: SinkHandlerOptions): BatchHandler {
  const [valuesOf, idOf] =
    each === 'event' ? [valuesOfEvents, idOfEvent] : [valueOfMessage, idOfMessage]

  /** Without a promise for rows that are kept. A document that cannot be read fails its message alone. */
  function send(message: Message, emit: Emit): Sent | Promise<Sent> {
    try {
      const key = message.record.key?.toString() ?? null
      const options = { key, message }
      const values = valuesOf(message, key)
      // It shows nothing of the sink, so it is no success with it.
      if (values.length === 0) return skip('no events')
      if (!asList)
        return sendEach(values, (value, index) =>
          emit(sink, value, { ...options, id: idOf(message, index, name) }),
        )
      const emitted = emit(sink, values, options)
      return emitted === KEPT ? undefined : emitted.then(() => undefined)
    } catch (error) {
      return Promise.reject(error)
    }
  }

  async function sendEach(
    values: readonly object[],
    emit: (value: object, index: number) => Promise<void>,
  ): Promise<undefined> {
    const sent = await Promise.allSettled(values.map(emit))
    const failures = sent.flatMap((each) => (each.status === 'rejected' ? [each.reason] : []))
    const failure = failures.find((reason) => !isQuiet(reason))
    if (failure !== undefined) throw failure
    // One that was said is enough to show that the sink works.
    if (failures.length === sent.length) throw failures[0]
    return undefined
  }

  return {
    name,
    batch: { size, within: 0 },
    async handle(messages, { emit }) {
      // All of it is the service's own.
      const sent = outside(() => messages.map((message) => send(message, emit)))
      return sent.every(isDone) ? sent : answersOf(await Promise.allSettled(sent), name)
    },
  }
}

/** undefined: ok. */
type Sent = Outcome | undefined

function isDone(one: Sent | Promise<Sent>): one is Sent {
  return !(one instanceof Promise)
}

/**
 * One answer for each message. A message whose sink is down is tried again, and so is every message
 * behind it, written or not: a later success would be evidence against it.
 */
function answersOf(sent: ReadonlyArray<PromiseSettledResult<Sent>>, name: string) {
  const answers: Sent[] = []
  for (const result of sent) {
    const last = answers.at(-1)
    const isDown = last?.kind === 'retry' && last.fault !== 'record'
    const own = result.status === 'rejected' ? answerTo(result.reason, name) : result.value
    answers.push(isDown ? last : own)
  }
  return answers
}

function answerTo(reason: unknown, name: string) {
  return isQuiet(reason) ? skip('no alert') : outcomeOf(reason, name)
}

/** A rule of alerts has nothing to say. */
function isQuiet(reason: unknown): boolean {
  return codeOf(reason) === 'OCC_ALERT_QUIET'
}

/** The fields of the event, and where it was found. */
function valuesOfEvents({ record, events }: Message): object[] {
  const { topic, partition, offset, timestamp } = record
  return events.map((event) => ({ ...event, topic, partition, offset, timestamp }))
}

function valueOfMessage({ record, document }: Message, key: string | null): object[] {
  const { topic, partition, offset, timestamp } = record
  const content = Buffer.isBuffer(document) ? document.toString('base64') : document
  return [{ topic, partition, offset, timestamp, key, document: content }]
}

/** Its idempotency key. */
function idOfEvent({ events }: Message, index: number): string {
  const event = events[index]
  return `${event?.chain}/${event?.id}`
}

function idOfMessage({ record }: Message, _: number, handler: string): string {
  return `${record.topic}/${record.partition}/${record.offset}/${handler}`
}
