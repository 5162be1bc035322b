import type { CommitTarget } from '../commit/committer.ts'
import type { Config, SinkConfig } from '../config/types.ts'
import { codeOf, messageOf } from '../kernel/errors.ts'
import type { Log } from '../kernel/log.ts'
import type { DeadLetter } from '../kernel/shapes/dead-letter.ts'
import { Repeats } from '../kernel/time/repeats.ts'
import type { CallTracing } from '../kernel/tracing.ts'
import type { EmitSink } from '../sink/emit/types.ts'
import { createCallTracing } from './calls.ts'
import { createCommitTracing } from './commits.ts'
import { createLetterTracing } from './letters.ts'
import { Sampler } from './sampler.ts'
import { findSdk, guarded } from './sdk.ts'
import { tracedSink } from './sinks.ts'

/** The spans of this thread. */
export interface Tracing {
  ofGroup(group: string): GroupTracing
  /** The same sink, with spans for what traced calls emit. */
  sink(name: string, config: SinkConfig, sink: EmitSink): EmitSink
  /** Sends the last spans on; at most 2 s. Never rejects. */
  flush(): Promise<void>
}

/** The spans of one consumer group. */
export interface GroupTracing {
  readonly calls: CallTracing
  commits(target: CommitTarget): CommitTarget
  letter(letter: DeadLetter, keep: (letter: DeadLetter) => Promise<void>): Promise<void>
}

/** null: no SDK is registered in this thread, and nothing of this costs anything. */
export function createTracing(config: Config['tracing'], log: Log): Tracing | null {
  const sdk = findSdk()
  if (sdk.kind === 'none') return null
  if (sdk.kind === 'too-old') {
    log.warn(
      { event: 'tracing.too-old', version: sdk.version },
      `No traces: an OpenTelemetry SDK is registered with @opentelemetry/api ${sdk.version}, and 1.9 or newer is needed. Remedy: update @opentelemetry/api beside the SDK (docs/tracing.md)`,
    )
    return null
  }
  const { every, maxPerSecond, parents } = config
  const repeats = new Repeats(1)
  const tracer = guarded(sdk.tracer, (error) =>
    repeats.say('failed', performance.now(), (again) =>
      log.warn(
        { event: 'tracing.failed', code: codeOf(error) },
        `A span is missing, because the OpenTelemetry SDK has thrown: ${messageOf(error)}. Remedy: mend its sampler or processor of spans${again}`,
      ),
    ),
  )
  const sampler = new Sampler(config)
  log.info(
    { event: 'tracing.on', every, maxPerSecond, parents },
    'An OpenTelemetry SDK is registered: calls of handlers are traced',
  )
  return {
    ofGroup(group) {
      const commits = createCommitTracing(group, tracer, sampler)
      const options = { group, follows: parents === 'follow' }
      return {
        calls: createCallTracing(options, tracer, sampler, commits.awaits),
        commits: commits.traced,
        letter: createLetterTracing(group, tracer, sampler),
      }
    },
    sink: (name, sinkConfig, sink) => tracedSink(name, sinkConfig, sink, tracer),
    flush: () =>
      sdk.flush().catch((error) => {
        log.warn(
          { event: 'tracing.not-flushed', code: codeOf(error) },
          `The last spans could not be sent: ${messageOf(error)}. Remedy: see whether the collector can be reached`,
        )
      }),
  }
}
