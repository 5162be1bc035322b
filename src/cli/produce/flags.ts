import { compressions } from '../../kernel/compression.ts'
import { kafkaFlags } from '../commands/kafka-flags.ts'

export const VALUE_FORMS = ['json', 'text', 'lz4', 'raw', 'protobuf', 'avro'] as const

export const produceFlags = {
  topic: { value: 'NAME', about: 'the topic; default: that of each line of read --json' },
  each: {
    value: 'line|file',
    about: 'what a record is; default: a line, or a file named *.json',
  },
  value: {
    value: 'FORM',
    about: `what becomes of it: json (default of lines), text, lz4 (JSON or text\nin an LZ4 frame), raw (default of files), protobuf or avro (from JSON)`,
  },
  message: {
    value: 'NAME',
    about: 'with protobuf: the message; default: that of the rule in decode.topics',
  },
  schema: {
    value: 'FILE',
    about: 'with avro: the schema; default: that of the rule in decode.topics',
  },
  key: { value: 'PATH', about: 'the field of the JSON that is the key: Transfer.Sender' },
  headers: { value: 'NAME=VALUE,...', about: 'headers of every record' },
  partition: { value: 'N', about: 'the partition; default: by the key' },
  timestamp: { value: 'TIME', about: 'an age (2h), or 2026-01-31T12:00:00Z; default: now' },
  compression: { value: 'CODEC', about: `of batches: ${compressions.join(', ')} (default: none)` },
  rate: { value: 'N', about: 'records a second; default: as fast as possible' },
  json: { about: 'print the counts as one JSON object' },
  ...kafkaFlags,
} as const
