import type { HandlerEmit } from '../../handle/load/loaded-handler.ts'
import { createEmitSinks } from '../../sink/emit/emit-sinks.ts'
import type { EmitSink } from '../../sink/emit/types.ts'
import type { Emission } from './results.ts'

/**
 * Sinks that keep what they get. Values are serialized, and an unknown sink is refused, as by the
 * service's own sinks.
 * @param names The sinks there are; null: any.
 */
export function createCapturingEmit(
  names: readonly string[] | null,
  keep: (emission: Emission) => void,
): HandlerEmit {
  const sinks = new Map<string, EmitSink>()
  const add = (sink: string) =>
    sinks.set(sink, {
      async check() {},
      async write(item) {
        keep({ sink, item })
      },
      async close() {},
    })
  for (const name of names ?? []) add(name)
  const { emit } = createEmitSinks(sinks)
  return (source, sink, value, key) => {
    if (names === null && !sinks.has(sink)) add(sink)
    return emit(source, sink, value, key)
  }
}
