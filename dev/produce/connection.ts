import { brokerOptions } from '../../src/app/room-options.ts'
import { registerCodecs } from '../../src/broker/topics/codecs.ts'
import type { BrokerOptions } from '../../src/broker/types.ts'
import type { Io } from '../../src/cli/terminal/io.ts'
import { configOrThrow } from '../../src/config/load/load.ts'
import { lz4Codec } from '../../src/decode/lz4/codec.ts'
import { createLogger } from '../../src/observe/log/logger.ts'
import type { RecordProducer } from '../synthetic/types.ts'
import type { ProduceSettings } from './flags.ts'
import { plainBrokers } from './plain.ts'
import { createProducer } from './producer.ts'
import { createSampleFile } from './sample-file.ts'

/** Connects to the brokers of --brokers, with the security settings of --config; or opens --file. */
export async function connectProducer(settings: ProduceSettings, io: Io): Promise<RecordProducer> {
  if (settings.file !== undefined) return createSampleFile(settings.file)
  const log = createLogger({ level: 'error', format: 'text', destination: logDestination(io) })
  registerCodecs(lz4Codec)
  const options = { ...connection(settings, io), givenBy: givenBy(settings) }
  return createProducer(options, { compression: settings.compression }, log)
}

function givenBy({ brokers }: ProduceSettings) {
  return {
    'Create it, or name another': 'Create it with --create-topic, or name another with --topic',
    ...(brokers !== undefined && { 'kafka.brokers': '--brokers' }),
  }
}

function logDestination({ stderr }: Io) {
  return { write: (text: string) => stderr.write(text), isTTY: stderr.isTTY === true }
}

function connection({ brokers, configFile }: ProduceSettings, io: Io): BrokerOptions {
  if (configFile === undefined) return plainBrokers(brokers ?? [], 'onchain-consumer-produce')
  const options = brokerOptions(configOrThrow({ file: configFile, env: io.env }))
  return brokers === undefined ? options : { ...options, brokers }
}
