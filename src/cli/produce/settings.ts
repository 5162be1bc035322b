import { type Compression, compressions } from '../../kernel/compression.ts'
import { type Flags, numberOf, timeOf, usageError, wordOf } from '../arguments.ts'
import { type produceFlags, VALUE_FORMS } from './flags.ts'

export interface ProduceSettings {
  /** undefined: each line names its own. */
  readonly topic: string | undefined
  /** null: by the name of the file. */
  readonly each: 'line' | 'file' | null
  /** undefined: JSON of lines, files as they are. */
  readonly value: (typeof VALUE_FORMS)[number] | undefined
  readonly message: string | undefined
  /** File of an Avro schema. */
  readonly schema: string | undefined
  /** Names of nested fields. */
  readonly key: readonly string[] | undefined
  readonly headers: Readonly<Record<string, Buffer>>
  readonly partition: number | undefined
  readonly timestamp: number | undefined
  readonly compression: Compression
  /** Records a second; 0: no limit. */
  readonly rate: number
}

/** Throws OCC_USAGE. */
export function produceSettings(flags: Flags<typeof produceFlags>, now: number): ProduceSettings {
  const value = flags.value === undefined ? undefined : wordOf('--value', flags.value, VALUE_FORMS)
  if (flags.message !== undefined && value !== 'protobuf') {
    throw usageError('--message belongs to --value protobuf; add it, or remove --message')
  }
  if (flags.schema !== undefined && value !== 'avro') {
    throw usageError('--schema belongs to --value avro; add it, or remove --schema')
  }
  if (value === 'protobuf' && flags.topic === undefined) {
    throw usageError('--value protobuf needs --topic, whose rule names the message')
  }
  if (value === 'avro' && flags.topic === undefined && flags.schema === undefined) {
    throw usageError('--value avro needs --schema, or --topic, whose rule names the schema')
  }
  return {
    topic: flags.topic,
    each: flags.each === undefined ? null : wordOf('--each', flags.each, ['line', 'file'] as const),
    value,
    message: flags.message,
    schema: flags.schema,
    key: flags.key?.split('.'),
    headers: headersOf(flags.headers),
    partition:
      flags.partition === undefined
        ? undefined
        : numberOf('--partition', flags.partition, { min: 0, integer: true }),
    timestamp:
      flags.timestamp === undefined ? undefined : timeOf('--timestamp', flags.timestamp, now),
    compression: wordOf('--compression', flags.compression ?? 'none', compressions),
    rate: flags.rate === undefined ? 0 : numberOf('--rate', flags.rate, { min: 0.01 }),
  }
}

function headersOf(text: string | undefined): Readonly<Record<string, Buffer>> {
  const headers: Record<string, Buffer> = Object.create(null)
  for (const part of text?.split(',') ?? []) {
    const at = part.indexOf('=')
    if (at < 1) throw usageError(`--headers holds "${part}"; give NAME=VALUE,NAME=VALUE`)
    headers[part.slice(0, at)] = Buffer.from(part.slice(at + 1))
  }
  return headers
}
