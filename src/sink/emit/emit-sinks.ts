import type { HandlerEmit } from '../../handle/load/loaded-handler.ts'
import type { ErrorCode } from '../../kernel/error-codes.ts'
import { codeOf, messageOf, OccError } from '../../kernel/errors.ts'
import { noneCalled } from '../../kernel/suggest.ts'
import { serialize } from './serialize.ts'
import type { EmitSink } from './types.ts'

/** The configured sinks by name. */
export interface EmitSinks {
  readonly emit: HandlerEmit
  /** The sinks that do not work now; records that need them are retried until they do. */
  check(): Promise<readonly SinkProblem[]>
  close(): Promise<void>
}

export interface SinkProblem {
  readonly sink: string
  readonly error: unknown
}

/** Failures caused by the value, which recur with it; any other failure is the sink's. */
const OF_THE_VALUE: readonly ErrorCode[] = ['OCC_EMIT_VALUE', 'OCC_RECORD_TOO_LARGE']

export function createEmitSinks(sinks: ReadonlyMap<string, EmitSink>): EmitSinks {
  return {
    async emit({ handler, id }, name, value, key) {
      const sink = sinks.get(name)
      if (sink === undefined) throw unknownSink(handler, name, [...sinks.keys()])
      try {
        await sink.write({ handler, id, key, ...serialize(value) })
      } catch (error) {
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
    },
    async check() {
      const problems: SinkProblem[] = []
      for (const [name, sink] of sinks) {
        await sink.check().catch((error) => problems.push({ sink: name, error }))
      }
      return problems
    },
    async close() {
      await Promise.all([...sinks.values()].map((sink) => sink.close()))
    },
  }
}

/** Retriable: the configuration is at fault, not the message. */
function unknownSink(handler: string, name: string, known: readonly string[]): OccError {
  return new OccError(
    'OCC_EMIT_SINK',
    `The handler ${handler} emits to a sink that is not configured: ${noneCalled('sink', name, known)} Remedy: add it under sinks in the configuration, or correct the name`,
    { retriable: true },
  )
}
