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
  const valuesOf = each === 'event' ? valuesOfEvents : valueOfMessage

  /** Without a promise for rows that are kept. */
  function send(message: Message, emit: Emit): Sent | Promise<Sent> {
    const key = message.record.key?.toString() ?? null
    const options = { key, message }
    const values = valuesOf(message, key)
    // It shows nothing of the sink, so it is no success with it.
    if (values.length === 0) return skip('no events')
    if (!asList)
      return sendEach(message, values, (value, id) => emit(sink, value, { ...options, id }))
    const list = values.map(({ value }) => value)
    const emitted = emit(sink, list, options)
    return emitted === KEPT ? undefined : emitted.then(() => undefined)
  }

  async function sendEach(
    { record: { topic, partition, offset } }: Message,
    values: readonly Value[],
    emit: (value: object, id: string) => Promise<void>,
  ): Promise<undefined> {
    const sent = await Promise.allSettled(
      values.map(({ id, value }) => emit(value, id ?? `${topic}/${partition}/${offset}/${name}`)),
    )
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
      const sendAll = () => messages.map((message) => begun(() => send(message, emit)))
      // All of it is the service's own.
      const sent = outside(sendAll)
      const done = sent.filter((one): one is Sent => !(one instanceof Promise))
      return done.length === sent.length ? done : answersOf(await Promise.allSettled(sent), name)
    },
  }
}

/** undefined: ok. */
type Sent = Outcome | undefined

/** A document that cannot be read throws: for its message alone. */
function begun(work: () => Sent | Promise<Sent>): Sent | Promise<Sent> {
  try {
    return work()
  } catch (error) {
    return Promise.reject(error)
  }
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

interface Value {
  /** Idempotency key, if the value has one of its own. */
  readonly id: string | null
  readonly value: object
}

/** The fields of the event, and where it was found. */
function valuesOfEvents({ record, events }: Message): Value[] {
  const { topic, partition, offset, timestamp } = record
  return events.map((event) => ({
    id: `${event.chain}/${event.id}`,
    value: { ...event, topic, partition, offset, timestamp },
  }))
}

function valueOfMessage({ record, document }: Message, key: string | null): Value[] {
  const { topic, partition, offset, timestamp } = record
  const content = Buffer.isBuffer(document) ? document.toString('base64') : document
  const value = { topic, partition, offset, timestamp, key, document: content }
  return [{ id: null, value }]
}
