import { createTopicWriter } from './broker/topics/topic-writer.ts'
import type { Config, SinkConfig } from './config/types.ts'
import type { Log } from './kernel/log.ts'
import { brokerOptions } from './settings.ts'
import { createEmitSinks, type EmitSinks } from './sink/emit/emit-sinks.ts'
import { createFileSink } from './sink/emit/file-sink.ts'
import { createKafkaSink } from './sink/emit/kafka-sink.ts'
import { createLogEmitSink } from './sink/emit/log-sink.ts'
import type { EmitSink } from './sink/emit/types.ts'

/** The sinks of the configuration, for what handlers emit. Connects with the first value. */
export function createSinks(config: Config, log: Log): EmitSinks {
  return createEmitSinks(openSinks(config, log))
}

function openSinks(config: Config, log: Log): ReadonlyMap<string, EmitSink> {
  const open = (name: string, sink: SinkConfig): EmitSink => {
    const { type, path = '', topic = '' } = sink
    switch (type) {
      case 'log':
        return createLogEmitSink(name, log)
      case 'file':
        return createFileSink({ ...sink, path })
      case 'kafka':
        return createKafkaSink(topic, openWriter(name, sink))
    }
  }

  function openWriter(name: string, { brokers, securityProtocol, sasl, tls }: SinkConfig) {
    const options = brokerOptions(config)
    const sinkLog = log.child({ room: 'broker', sink: name })
    if (brokers === undefined) return createTopicWriter(options, sinkLog, 'kafka')
    const security = { protocol: securityProtocol, sasl, tls }
    return createTopicWriter({ ...options, brokers, security }, sinkLog, `sinks.${name}`)
  }

  return new Map(Object.entries(config.sinks).map(([name, sink]) => [name, open(name, sink)]))
}
