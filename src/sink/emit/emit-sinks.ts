import type { EmitSource, HandlerEmit } from '../../handle/load/loaded-handler.ts'
import type { ErrorCode } from '../../kernel/error-codes/index.ts'
import { codeOf, messageOf, OccError } from '../../kernel/errors.ts'
import { KEPT } from '../../kernel/shapes/held-write.ts'
import { noneCalled } from '../../kernel/text/suggest.ts'
import type { SinkMeter } from '../../observe/types.ts'
import { bytesOf } from '../postgres/rows/table.ts'
import { LazyItem } from './serialize.ts'
import type { EmitSink, HeldSink } from './types.ts'

/** The configured sinks by name. */
export interface EmitSinks {
  readonly emit: HandlerEmit
  /** The sinks whose rows are kept until their records are finished, by name. */
  readonly held: ReadonlyMap<string, HeldSink>
  /** The sinks that do not work now; records that need them are retried until they do. */
  check(): Promise<readonly SinkProblem[]>
  close(): Promise<void>
}

export interface SinkProblem {
  readonly sink: string
  readonly error: unknown
}

/** Failures caused by the value, which recur with it; any other failure is the sink's. */
const OF_THE_VALUE: readonly ErrorCode[] = [
  'OCC_EMIT_VALUE',
  'OCC_EMIT_ROW',
  'OCC_EMIT_REFUSED',
  'OCC_RECORD_TOO_LARGE',
]

/** Second sinks, for what the first one refuses. */
export interface Fallbacks {
  /** By the name of the first. */
  readonly names: ReadonlyMap<string, string>
  /** The second has taken a value. */
  onFallback(sink: string, fallback: string, error: unknown): void
}

const NO_FALLBACKS: Fallbacks = { names: new Map(), onFallback() {} }

/**
 * @param meterOf of a sink, by its name
 * @param isHeld whether others write the rows of a sink, in their transactions
 */
export function createEmitSinks(
  sinks: ReadonlyMap<string, EmitSink>,
  meterOf: (sink: string) => SinkMeter | null = () => null,
  { names: fallbacks, onFallback }: Fallbacks = NO_FALLBACKS,
  isHeld: (sink: string) => boolean = () => false,
): EmitSinks {
  const held = new Map(
    [...sinks].flatMap(([name, sink]) =>
      isHeld(name) && sink.held !== undefined ? [[name, sink.held] as const] : [],
    ),
  )

  /** The work of a sink, and what it says about the health of the sink. */
  async function observed(name: string, work: () => Promise<void>): Promise<void> {
    const meter = meterOf(name)
    try {
      await work()
      if (meter !== null) meter.up = 1
    } catch (error) {
      if (meter !== null) {
        meter.errors.count(codeOf(error))
        if (!isOfValue(error)) meter.up = 0
      }
      throw error
    }
  }

  async function write(name: string, sink: EmitSink, item: LazyItem): Promise<void> {
    const meter = meterOf(name)
    if (meter === null) return sink.write(item)
    const started = performance.now()
    meter.waiting += 1
    try {
      await observed(name, () => sink.write(item))
      meter.values += 1
      meter.writeSeconds.observe((performance.now() - started) / 1000)
    } finally {
      meter.waiting -= 1
    }
  }

  /**
   * Whether the fallback took what the sink refuses. False: there is none, the sink may take it
   * later, or the fallback failed, too.
   */
  async function wasTakenInstead(
    name: string,
    item: LazyItem,
    error: unknown,
    keep: EmitSource['hold'],
  ): Promise<boolean> {
    const second = fallbacks.get(name) ?? ''
    const sink = sinks.get(second)
    const refuses = codeOf(error) === 'OCC_WEBHOOK_GONE' || isOfValue(error)
    if (sink === undefined || !refuses) return false
    try {
      const heldSink = held.get(second)
      if (heldSink !== undefined && keep !== undefined) hold(second, heldSink, item.given, keep)
      else await write(second, sink, item)
    } catch (failure) {
      // Waiting for it helps, if it is not the value again: then both refuse it.
      if (isOfValue(failure)) return false
      throw new OccError('OCC_EMIT', `The sink ${second} failed: ${messageOf(failure)}`, {
        cause: failure,
        retriable: true,
      })
    }
    const meter = meterOf(name)
    if (meter !== null) meter.fallback += 1
    onFallback(name, second, error)
    return true
  }

  /** In one step: the handler may change the value afterwards. */
  function hold(
    name: string,
    sink: HeldSink,
    value: unknown,
    keep: NonNullable<EmitSource['hold']>,
  ): void {
    const rows = sink.rowsOf(value)
    const meter = meterOf(name)
    if (meter !== null) meter.values += 1
    if (rows.length > 0) keep({ sink: name, rows, bytes: bytesOf(rows) })
  }

  async function failed(
    name: string,
    item: LazyItem,
    error: unknown,
    keep: EmitSource['hold'],
  ): Promise<void> {
    if (await wasTakenInstead(name, item, error, keep)) return
    const ofValue = OF_THE_VALUE.find((code) => code === codeOf(error))
    // A writer says retriable: its topic may take larger records later. The handler's message
    // would be retried with the same value until then.
    if (ofValue !== undefined) throw new OccError(ofValue, messageOf(error), { cause: error })
    // Even a wrong password of a sink must not turn the message into a dead letter.
    throw new OccError('OCC_EMIT', `The sink ${name} failed: ${messageOf(error)}`, {
      cause: error,
      retriable: true,
    })
  }

  return {
    held,
    emit(source, name, value, key) {
      const sink = sinks.get(name)
      if (sink === undefined) {
        return Promise.reject(unknownSink(source.handler, name, [...sinks.keys()]))
      }
      const heldSink = source.hold && held.get(name)
      if (heldSink === undefined || source.hold === undefined) {
        const item = new LazyItem(source, key, value)
        return write(name, sink, item).catch((error) => failed(name, item, error, source.hold))
      }
      // Without a promise of its own: there may be one for each row.
      try {
        hold(name, heldSink, value, source.hold)
        return KEPT
      } catch (error) {
        return failed(name, new LazyItem(source, key, value), error, source.hold)
      }
    },
    async check() {
      const problems: SinkProblem[] = []
      for (const [name, sink] of sinks) {
        const checked = observed(name, () => sink.check())
        await checked.catch((error) => problems.push({ sink: name, error }))
      }
      return problems
    },
    async close() {
      await Promise.all([...sinks.values()].map((sink) => sink.close()))
    },
  }
}

function isOfValue(error: unknown): boolean {
  return OF_THE_VALUE.some((code) => code === codeOf(error))
}

/** Retriable: the configuration is at fault, not the message. */
function unknownSink(handler: string, name: string, known: readonly string[]): OccError {
  return new OccError(
    'OCC_EMIT_SINK',
    `The handler ${handler} emits to a sink that is not configured: ${noneCalled('sink', name, known)} Remedy: add it under sinks in the configuration, or correct the name`,
    { retriable: true },
  )
}
