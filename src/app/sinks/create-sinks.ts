import { registerCodecs } from '../../broker/topics/codecs.ts'
import { createTopicWriter } from '../../broker/topics/topic-writer.ts'
import type { Config, SinkConfig } from '../../config/types.ts'
import { lz4Codec } from '../../decode/lz4/codec.ts'
import { codeOf, messageOf } from '../../kernel/errors.ts'
import type { Log } from '../../kernel/log.ts'
import { systemClock } from '../../kernel/time/clock.ts'
import { Repeats } from '../../kernel/time/repeats.ts'
import { createMeters } from '../../observe/meters/meters.ts'
import type { Meters, SinkMeter } from '../../observe/types.ts'
import { createEmitSinks, type EmitSinks, type Fallbacks } from '../../sink/emit/emit-sinks.ts'
import { createFileSink } from '../../sink/emit/file-sink.ts'
import { createKafkaSink } from '../../sink/emit/kafka-sink.ts'
import { createLogEmitSink } from '../../sink/emit/log-sink.ts'
import type { EmitSink } from '../../sink/emit/types.ts'
import { createWebhookSink } from '../../sink/emit/webhook-sink.ts'
import type { Tracing } from '../../tracing/tracing.ts'
import { type Alerts, createAlerts } from '../alerts/create-alerts.ts'
import { brokerOptions } from '../room-options.ts'
import { openPostgresSink } from './open-postgres-sink.ts'

/** Log lines a minute about the fallback of a sink. */
const FALLBACK_LINES = 10

type SinkOf<Type extends SinkConfig['type']> = Extract<SinkConfig, { readonly type: Type }>

/** How to open each sink type of config/schema/sinks/. */
export type SinkTypes = {
  readonly [Type in SinkConfig['type']]: (
    name: string,
    sink: SinkOf<Type>,
    config: Config,
    log: Log,
    meter: SinkMeter,
    meters: Pick<Meters, 'database'>,
  ) => EmitSink
}

export const sinkTypes: SinkTypes = {
  log: (name, _, __, log) => createLogEmitSink(name, log),
  file: (_, sink) => createFileSink(sink),
  kafka: (name, sink, config, log) =>
    createKafkaSink(sink.topic, openWriter(name, sink, config, log), sink.compression),
  postgres: (name, sink, _, log, meter, meters) => openPostgresSink(name, sink, log, meter, meters),
  webhook: (name, { signature = 'standard', ...sink }, _, log, meter) =>
    createWebhookSink(
      { ...sink, signature },
      systemClock,
      log.child({ room: 'sink', sink: name }),
      meter,
    ),
}

/** The sinks, and the rules whose alerts go to them. */
export interface Sinks extends EmitSinks {
  readonly alerts: Alerts
}

/**
 * The configured sinks for emitted values. Connects with the first value.
 * @param isHeld whether others write the rows of a sink, in their transactions
 * @param tracing null: nothing is traced
 */
export function createSinks(
  config: Config,
  log: Log,
  meters: Pick<Meters, 'sink' | 'alert' | 'database'> = createMeters(),
  isHeld: (sink: string) => boolean = () => false,
  tracing: Pick<Tracing, 'sink'> | null = null,
): Sinks {
  const sinks = Object.entries(config.sinks).map(([name, sink]) => {
    // A sink's type selects its opener; TypeScript cannot see that the two match.
    const open = sinkTypes[sink.type] as SinkTypes['log']
    const own = open(name, sink as SinkOf<'log'>, config, log, meters.sink(name), meters)
    return [name, tracing?.sink(name, sink, own) ?? own] as const
  })
  const own = createEmitSinks(new Map(sinks), meters.sink, fallbacksOf(config, log), isHeld)
  const alertLog = log.child({ room: 'sink' })
  const alerts = createAlerts(config, { emit: own.emit, meters, clock: systemClock, log: alertLog })
  return {
    ...own,
    alerts,
    emit: alerts.emit,
    async close() {
      await alerts.close()
      await own.close()
    },
  }
}

function fallbacksOf({ sinks }: Config, log: Log): Fallbacks {
  const repeats = new Repeats(FALLBACK_LINES)
  const names = Object.entries(sinks).flatMap(([name, sink]) =>
    'fallback' in sink && sink.fallback !== undefined ? [[name, sink.fallback] as const] : [],
  )
  return {
    names: new Map(names),
    onFallback(sink, fallback, error) {
      repeats.say(sink, systemClock.monotonic(), (again) =>
        log.warn(
          { event: 'sink.fallback', sink, fallback, code: codeOf(error) },
          `The sink ${sink} refuses a value, and ${fallback} took it: ${messageOf(error)}${again}`,
        ),
      )
    },
  }
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
