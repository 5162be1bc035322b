import assert from 'node:assert/strict'
import type { ChainEvent, DecodeResult, Decoder } from '../../../src/decode/types.ts'
import type { OpenedPartition } from '../../../src/flow/types.ts'
import type { Handler } from '../../../src/handle/api/types.ts'
import { createDuplicateWindows } from '../../../src/handle/deduplicate/windows.ts'
import { createHandlerSet } from '../../../src/handle/load/handler-set.ts'
import type { HandlerEmit, LoadedHandler } from '../../../src/handle/load/loaded-handler.ts'
import { Pipeline, type PipelineParts } from '../../../src/handle/pipeline.ts'
import type { EventFilter } from '../../../src/handle/select/event-filter.ts'
import type { OccError } from '../../../src/kernel/errors.ts'
import { type Log, silentLog } from '../../../src/kernel/log.ts'
import type { Outcome } from '../../../src/kernel/shapes/outcome.ts'
import type { KafkaRecord } from '../../../src/kernel/shapes/record.ts'
import { systemClock } from '../../../src/kernel/time/clock.ts'
import { createMeters } from '../../../src/observe/meters/meters.ts'

export const TOPIC = 'transfers'

export function recordAt(offset: number, value = `e${offset}`): KafkaRecord {
  const where = { topic: TOPIC, partition: 3, offset, timestamp: 0 }
  return { ...where, key: null, value: Buffer.from(value), headers: undefined }
}

export function eventOf(id: string, over: Partial<ChainEvent> = {}): ChainEvent {
  return {
    id,
    chain: 'solana',
    kind: 'transfer',
    time: null,
    from: null,
    to: null,
    addresses: [],
    asset: null,
    amount: null,
    success: true,
    ...over,
  }
}

/** The document is the text; each part between commas is the id of an event. */
export const decoder: Decoder = {
  formatOf: () => 'JSON',
  decode(record): DecodeResult {
    const document = String(record.value)
    const encoding = document.startsWith('lz4') ? 'lz4' : 'plain'
    const events = document.split(',').map((id) => eventOf(id))
    return { ok: true, message: { record, encoding, bytes: document.length, document, events } }
  },
}

export interface PipelineOptions extends Partial<Omit<PipelineParts, 'handlersOf'>> {
  readonly loaded?: Partial<LoadedHandler>
  readonly emit?: HandlerEmit
  readonly log?: Log
  /** Ids remembered; default 100, 0: none. */
  readonly window?: number
}

/** A pipeline of these handlers, with real parts except the decoder. */
export function createPipeline(handlers: readonly Handler[], options: PipelineOptions = {}) {
  const { loaded, emit = async () => {}, log = silentLog, window = 100, ...parts } = options
  const meters = createMeters()
  const set = createHandlerSet(
    handlers.map((definition) => ({
      name: definition.name,
      definition,
      topics: ['*'],
      timeout: 30_000,
      filter: typeof definition.filter === 'function' ? (definition.filter as EventFilter) : null,
      options: {},
      log,
      meter: meters.handler(definition.name),
      emit,
      ...loaded,
    })),
    [TOPIC],
  )
  const windows = createDuplicateWindows(window, 240_000, systemClock)
  const all: PipelineParts = {
    group: 'transfers-group',
    decoder,
    handlersOf: set.of,
    filter: null,
    openWindow: (partition) => (window === 0 ? null : windows.open(partition)),
    topicMeter: meters.topic,
    onHandled: null,
    writer: null,
    ...parts,
  }
  const { signal } = new AbortController()
  const open = (partition: OpenedPartition = { topic: TOPIC, partition: 3 }) =>
    new Pipeline(all, partition)
  const pipeline = open()
  return {
    pipeline,
    /** The same partition, assigned again. */
    open,
    meters,
    meter: meters.topic(TOPIC),
    signal,
    process: (offset: number, value?: string) => pipeline.process(recordAt(offset, value), signal),
  }
}

/** The error of an outcome of this kind. */
export function errorOf(outcome: Outcome, kind: 'dead' | 'retry' = 'dead'): OccError {
  assert.equal(outcome.kind, kind)
  assert.ok(outcome.kind === 'dead' || outcome.kind === 'retry')
  return outcome.error
}
