import { context, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import {
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
  TracerProvider,
} from '@opentelemetry/sdk-trace'
import type { Config } from '../../../src/config/types.ts'
import { silentLog } from '../../../src/kernel/log.ts'
import { createTracing } from '../../../src/tracing/tracing.ts'

const exporter = new InMemorySpanExporter()
context.setGlobalContextManager(new AsyncLocalStorageContextManager())
trace.setGlobalTracerProvider(
  new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] }),
)

export const GROUP = 'whales'

/** Spans made with a real SDK, whose API is not the copy that the service has. */
export function tracedGroup(config: Partial<Config['tracing']>) {
  const defaults = { every: 0, maxPerSecond: 0, parents: 'follow' } as const
  const tracing = createTracing({ ...defaults, ...config }, silentLog)
  if (tracing === null) throw new Error('no SDK was found')
  exporter.reset()
  return { ...tracing.ofGroup(GROUP), sink: tracing.sink }
}

/** The spans that have ended since the last `tracedGroup`. */
export function endedSpans(): readonly ReadableSpan[] {
  return exporter.getFinishedSpans()
}
