import { compressions } from '../../kernel/compression.ts'
import { describeFlags, parseFlags } from '../arguments.ts'
import type { Command } from '../terminal/io.ts'
import { kafkaFlags } from './kafka-flags.ts'

export const VALUE_FORMS = ['json', 'text', 'lz4', 'raw', 'protobuf'] as const

export const produceFlags = {
  topic: { value: 'NAME', about: 'the topic; default: that of each line of read --json' },
  each: {
    value: 'line|file',
    about: 'what a record is; default: a line, or a file named *.json',
  },
  value: {
    value: 'FORM',
    about: `what becomes of it: json (default of lines), text, lz4 (JSON or text\nin an LZ4 frame), raw (default of files), or protobuf (from JSON)`,
  },
  message: {
    value: 'NAME',
    about: 'with protobuf: the message; default: that of the rule in decode.topics',
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

export const produce: Command = {
  name: 'produce',
  summary: 'send records of your own to a topic',
  usage: `Usage: onchain-consumer produce [FILE|FOLDER|-]... [flags]

Sends records from files, from the files of a folder, or from standard input (- or nothing), and
says how many the brokers acknowledged. A record is a line: a line of read --json or peek --json
with its key, headers, time and partition, or any other content as the value. A flag replaces what a
line says. A file named *.json is one value, as are all with --each file.

A wrong line is named with its number and left out; the others are sent, and the exit code is 1. A
batch that is not acknowledged is sent again, so that its records may be there twice; that is said.

Messages made up for a demo: npm run produce, in a clone.

${describeFlags(produceFlags)}

Examples:
  onchain-consumer read solana.transfers@-1000 --json | onchain-consumer produce --topic copy
  onchain-consumer produce transfers.ndjson --topic transfers --key Transfer.Sender --compression zstd`,
  async run(args, io) {
    const end = args.findIndex((arg) => arg.startsWith('-') && arg !== '-')
    const inputs = end === -1 ? args : args.slice(0, end)
    const flags = parseFlags(args.slice(inputs.length), produceFlags)
    return (await import('../produce/produce.ts')).produce(inputs, flags, io)
  },
}
