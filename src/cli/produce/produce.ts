import { readFileSync } from 'node:fs'
import { registerCodecs } from '../../broker/topics/codecs.ts'
import { createTopicLogs } from '../../broker/topics/topic-logs.ts'
import { createTopicWriter } from '../../broker/topics/topic-writer.ts'
import type { BrokerOptions } from '../../broker/types.ts'
import type { Config } from '../../config/types.ts'
import { createAvroEncoder } from '../../decode/avro/encode.ts'
import { rulesOf } from '../../decode/decoder.ts'
import { lz4Codec } from '../../decode/lz4/codec.ts'
import { encodeFromJson } from '../../decode/protobuf/from-json.ts'
import { loadSchemas } from '../../decode/protobuf/schemas.ts'
import { createTopicRules, DEFAULT_RULE } from '../../decode/topic-rules.ts'
import { codeOf, messageOf, OccError } from '../../kernel/errors.ts'
import type { Log } from '../../kernel/log.ts'
import { type Flags, usageError } from '../arguments.ts'
import { readerBrokers, withReaderConfig } from '../records/kafka-config.ts'
import { commandLog } from '../terminal/command-log.ts'
import { interruptSignal } from '../terminal/interrupt.ts'
import type { Io } from '../terminal/io.ts'
import {
  counted,
  createProgressBar,
  formatBytes,
  formatCount,
  formatDuration,
} from '../terminal/terminal.ts'
import type { produceFlags } from './flags.ts'
import { filesOf, itemsOf } from './inputs.ts'
import { createMakeRecord } from './make-record.ts'
import { Sending } from './sending.ts'
import { type ProduceSettings, produceSettings } from './settings.ts'

/** Wrong lines that are named. */
const MAX_NAMED = 20

/** Sends the records; exit code 1 if something was not sent. */
export async function produce(
  inputs: readonly string[],
  flags: Flags<typeof produceFlags>,
  io: Io,
): Promise<number> {
  const settings = produceSettings(flags, Date.now())
  if (inputs.length === 0 && process.stdin.isTTY === true) {
    throw usageError('nothing to send; name a file or a folder, or pipe records to it')
  }
  const topic = settings.topic ?? 'none'
  const options = { flags, sections: ['decode'], topic, topicBy: '--topic' }
  return withReaderConfig(options, io, ({ config }) => send(config, settings, inputs, flags, io))
}

async function send(
  config: Config,
  settings: ProduceSettings,
  inputs: readonly string[],
  flags: Flags<typeof produceFlags>,
  io: Io,
): Promise<number> {
  const make = createMakeRecord(settings, encoderOf(config, settings))
  const files = await filesOf(inputs)
  const log = commandLog(io, 'error')
  registerCodecs(lz4Codec)
  const brokers = readerBrokers(config, flags, '--topic')
  if (settings.topic !== undefined) await checkTopic(brokers, settings.topic, log)
  const writer = createTopicWriter(brokers, log)
  const { signal, release } = interruptSignal(io)
  const started = performance.now()
  const bar = createProgressBar(io.stderr, { label: 'produce' })
  const { compression, rate } = settings
  const sending = new Sending({
    ...{ writer, compression, rate, signal },
    progress: () => bar.update(sending.acknowledged, sending.acknowledgedBytes),
  })
  let wrong = 0
  let problem: unknown
  try {
    for (const file of files) {
      for await (const item of itemsOf(file, settings.each, signal)) {
        if (signal.aborted) break
        try {
          const record = make(item)
          await sending.add(record)
        } catch (error) {
          if (codeOf(error) !== 'OCC_SAMPLE') throw error
          wrong += 1
          if (wrong <= MAX_NAMED) io.stderr.write(`${messageOf(error)}\n`)
        }
      }
    }
    await sending.flush()
  } catch (error) {
    problem = error
  } finally {
    bar.finish()
    await writer.close()
    release()
  }
  if (wrong > MAX_NAMED) io.stderr.write(`... and ${formatCount(wrong - MAX_NAMED)} more.\n`)
  const { acknowledged, acknowledgedBytes: bytes, repeated } = sending
  const interrupted = signal.aborted
  const milliseconds = Math.round(performance.now() - started)
  const counts = { acknowledged, bytes, wrong, repeated, interrupted, milliseconds }
  const text = flags.json === undefined ? summary(counts) : JSON.stringify(counts)
  // The reader of standard output may be what is gone.
  const stream = interrupted ? io.stderr : io.stdout
  stream.write(`${text}\n`)
  if (problem !== undefined) throw problem
  return wrong > 0 || interrupted ? 1 : 0
}

interface Counts {
  readonly acknowledged: number
  readonly bytes: number
  readonly wrong: number
  readonly repeated: number
  readonly interrupted: boolean
  readonly milliseconds: number
}

function summary({ acknowledged, bytes, wrong, repeated, interrupted, milliseconds }: Counts) {
  const rate = milliseconds === 0 ? 0 : (acknowledged / milliseconds) * 1000
  return [
    `${interrupted ? 'Interrupted' : 'Done'}: ${counted(acknowledged, 'record')} acknowledged, ${formatBytes(bytes)} in ${formatDuration(milliseconds)} (${formatCount(rate)}/s).`,
    ...(wrong > 0 ? [`${formatCount(wrong)} left out because they are wrong.`] : []),
    ...(repeated > 0
      ? [`${formatCount(repeated)} were sent again after an error, and may be there twice.`]
      : []),
  ].join('\n')
}

/** Says before anything is sent which topic was meant. */
async function checkTopic(brokers: BrokerOptions, topic: string, log: Log): Promise<void> {
  const logs = createTopicLogs(brokers, log, lz4Codec)
  try {
    await logs.look([topic])
  } catch (error) {
    // A user may write what it may not read.
    if (codeOf(error) !== 'OCC_TOPIC_NOT_AUTHORIZED') throw error
  } finally {
    logs.close()
  }
}

function encoderOf(config: Config, settings: ProduceSettings) {
  if (settings.value === 'protobuf') return protobufEncoder(config, settings)
  return settings.value === 'avro' ? avroEncoder(config, settings) : null
}

function ruleOf({ decode }: Config, topic: string) {
  return createTopicRules(rulesOf(decode), DEFAULT_RULE, (rule) => rule).find(topic)
}

function avroEncoder(config: Config, { topic = '', schema }: ProduceSettings) {
  const file = schema ?? ruleOf(config, topic).schema
  if (file === undefined) {
    throw usageError(`--value avro of ${topic} needs --schema (docs/formats.md)`)
  }
  try {
    return createAvroEncoder(readFileSync(file, 'utf8'))
  } catch (error) {
    throw new OccError(
      'OCC_AVRO_SCHEMA',
      `${file} cannot be used as Avro schema: ${messageOf(error)}. Correct --schema, or the file.`,
      { cause: error },
    )
  }
}

function protobufEncoder(config: Config, { topic = '', message }: ProduceSettings) {
  const { schemas } = config.decode.protobuf
  const name = message ?? ruleOf(config, topic).message
  if (schemas === undefined || name === undefined) {
    const missing = schemas === undefined ? 'decode.protobuf.schemas' : '--message'
    throw usageError(`--value protobuf of ${topic} needs ${missing} (docs/formats.md)`)
  }
  const type = loadSchemas(schemas).find(name)
  if (type !== null) return (json: unknown) => encodeFromJson(type, json)
  throw new OccError(
    'OCC_PROTOBUF_SCHEMA',
    `No file in ${schemas} declares ${name}; correct --message.`,
  )
}
