import { registerCodecs } from '../broker/topics/codecs.ts'
import { createTopicWriter } from '../broker/topics/topic-writer.ts'
import type { Config, SinkConfig } from '../config/types.ts'
import { lz4Codec } from '../decode/lz4/codec.ts'
import { codeOf, messageOf } from '../kernel/errors.ts'
import type { Log } from '../kernel/log.ts'
import { createMeters } from '../observe/meters/meters.ts'
import type { Meters, SinkMeter } from '../observe/types.ts'
import { createEmitSinks, type EmitSinks } from '../sink/emit/emit-sinks.ts'
import { createFileSink } from '../sink/emit/file-sink.ts'
import { createKafkaSink } from '../sink/emit/kafka-sink.ts'
import { createLogEmitSink } from '../sink/emit/log-sink.ts'
import type { EmitSink } from '../sink/emit/types.ts'
import { openPostgresSink } from './open-postgres-sink.ts'
import { brokerOptions } from './room-options.ts'

type SinkOf<Type extends SinkConfig['type']> = Extract<SinkConfig, { readonly type: Type }>

/** How to open each sink type of config/schema/sinks/. */
export type SinkTypes = {
  readonly [Type in SinkConfig['type']]: (
    name: string,
    sink: SinkOf<Type>,
    config: Config,
    log: Log,
    meter: SinkMeter,
  ) => EmitSink
}

export const sinkTypes: SinkTypes = {
  log: (name, _, __, log) => createLogEmitSink(name, log),
  file: (_, sink) => createFileSink(sink),
  kafka: (name, sink, config, log) =>
    createKafkaSink(sink.topic, openWriter(name, sink, config, log), sink.compression),
  postgres: (name, sink, _, log, meter) => openPostgresSink(name, sink, log, meter),
}

/**
 * The configured sinks for emitted values. Connects with the first value.
 * @param isHeld whether others write the rows of a sink, in their transactions
 */
export function createSinks(
  config: Config,
  log: Log,
  meters: Pick<Meters, 'sink'> = createMeters(),
  isHeld: (sink: string) => boolean = () => false,
): EmitSinks {
  const sinks = Object.entries(config.sinks).map(([name, sink]) => {
    // A sink's type selects its opener; TypeScript cannot see that the two match.
    const open = sinkTypes[sink.type] as SinkTypes['log']
    return [name, open(name, sink as SinkOf<'log'>, config, log, meters.sink(name))] as const
  })
  return createEmitSinks(new Map(sinks), meters.sink, isHeld)
}

/** Sinks that do not work now do not prevent the start: records that need them wait. */
export async function logUnfitSinks(sinks: EmitSinks, log: Log): Promise<void> {
  for (const { sink, error } of await sinks.check()) {
    log.error({ event: 'sink.unfit', sink, code: codeOf(error) }, messageOf(error))
  }
}

function openWriter(name: string, sink: SinkOf<'kafka'>, config: Config, log: Log) {
  const { brokers, securityProtocol, sasl, tls } = sink
  const options = brokerOptions(config)
  registerCodecs(lz4Codec)
  const sinkLog = log.child({ room: 'broker', sink: name })
  if (brokers === undefined) return createTopicWriter(options, sinkLog, 'kafka')
  const security = { protocol: securityProtocol, sasl, tls }
  return createTopicWriter({ ...options, brokers, security }, sinkLog, `sinks.${name}`)
}
