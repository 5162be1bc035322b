// node_modules/.bin/node bench/protobuf.ts: what reading Protocol Buffers costs, beside protobufjs and Python's classes.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { messageType } from '../dev/synthetic/protobuf.ts'
import { output } from '../dev/tools.ts'
import type { KafkaRecord } from '../src/kernel/shapes/record.ts'
import { type Load, loads } from './decode/loads.ts'
import { measure, type Timed } from './decode/measure.ts'
import { messageOf, recordOf } from './decode/records.ts'
import { count, readFlags } from './flags.ts'

const settings = readFlags(
  'node_modules/.bin/node bench/protobuf.ts',
  {
    rounds: { value: 'N', about: 'of each, the median counts; default: 7' },
    milliseconds: { value: 'N', about: 'of each round; default: 300' },
    python: {
      value: 'PATH',
      about: 'a python with bitquery-pb2-kafka-package and base58; default: none',
    },
  },
  ({ rounds, milliseconds, python }) => ({
    rounds: count('rounds', rounds, 7),
    milliseconds: count('milliseconds', milliseconds, 300),
    python,
  }),
)

let kept: unknown

function timed({ topic, name }: Load, values: readonly Buffer[]): Timed[] {
  const records = values.map((value) => recordOf(topic, value))
  // dev/synthetic keeps its own schemas, which no decoder has made strict.
  const type = messageType(name)
  const each = (action: (record: KafkaRecord) => unknown) => () => {
    for (const record of records) kept = action(record)
  }
  return [
    { name: 'events', pass: each((record) => messageOf(record).events) },
    {
      name: 'events and document',
      pass: each((record) => [messageOf(record).events, messageOf(record).document]),
    },
    { name: 'protobufjs decode', pass: each(({ value }) => type.decode(value as Buffer)) },
    {
      name: 'protobufjs decode and toObject',
      pass: each(({ value }) =>
        type.toObject(type.decode(value as Buffer), {
          longs: String,
          bytes: String,
          enums: String,
        }),
      ),
    },
  ]
}

/** Microseconds a message with Python's classes: parsed alone, and the fields of events read. */
function python(
  path: string,
  { python: [module, name], topic }: Load,
  values: readonly Buffer[],
): Record<string, number> {
  const folder = mkdtempSync(join(tmpdir(), 'occ-bench-'))
  try {
    const lengths = Buffer.alloc(4 * values.length)
    for (const [index, value] of values.entries()) lengths.writeUInt32LE(value.length, 4 * index)
    writeFileSync(join(folder, 'values'), Buffer.concat([lengths, ...values]))
    const args = [join(import.meta.dirname, 'decode/protobuf.py'), join(folder, 'values')]
    const rest = [String(values.length), module, name, topic]
    return JSON.parse(output(path, [...args, ...rest]))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

for (const load of loads) {
  const { topic } = load
  const values = load.values()
  const total = values.reduce((sum, { length }) => sum + length, 0)
  const results = measure(timed(load, values), values.length, settings)
  if (settings.python !== undefined) {
    for (const [name, value] of Object.entries(python(settings.python, load, values)))
      results.set(name, value)
  }
  const first = results.get('events') ?? Number.NaN
  console.log(`\n${topic}, ${Math.round(total / values.length)} bytes a message:`)
  console.table(
    Object.fromEntries(
      [...results].map(([name, microseconds]) => [
        name,
        {
          'us of CPU a message': microseconds.toFixed(1),
          'MB/s': (total / values.length / microseconds).toFixed(0),
          'times events': (microseconds / first).toFixed(2),
        },
      ]),
    ),
  )
}
if (kept === undefined) throw new Error('nothing was measured')
