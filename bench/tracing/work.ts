// Handles messages as the service does, from the record to the outcome, and prints the microseconds of CPU that
// one took, as JSON. A process of its own, because an SDK is registered for a whole process.
import { createSynthesizer } from '../../dev/synthetic/synthesizer.ts'
import { createHandling } from '../../src/app/create-handling.ts'
import { configOrThrow } from '../../src/config/load/load.ts'
import { silentLog } from '../../src/kernel/log.ts'
import { systemClock } from '../../src/kernel/time/clock.ts'
import { createMeters } from '../../src/observe/meters/meters.ts'
import { createTracing } from '../../src/tracing/tracing.ts'

const [kind = 'off', every = '1000', size = '1500', messages = '100000'] = process.argv.slice(2)
const topic = 'solana.transfers'
const env = {
  KAFKA_BOOTSTRAP_SERVERS: 'localhost:9092',
  KAFKA_TOPICS: topic,
  KAFKA_GROUP_ID: 'bench',
  OCC_TRACING_EVERY: every,
  OCC_TRACING_MAX_PER_SECOND: '0',
}
const config = configOrThrow({ env })
const tracing = kind === 'off' ? null : createTracing(config.tracing, silentLog)
if ((kind === 'sdk') !== (tracing !== null)) throw new Error(`${kind}: is there an SDK?`)
const handling = createHandling(config, {
  handler: ({ events }, { emit }) => emit('out', { events: events.length }),
  emit: async () => {},
  meters: createMeters(),
  clock: systemClock,
  log: silentLog,
  ...(tracing !== null && { tracing: tracing.ofGroup('bench').calls }),
})
await handling.start()
const processor = handling.openProcessor({ topic, partition: 0 })
const synthesizer = createSynthesizer({ seed: 1, stream: 'solana', messageBytes: Number(size) })
const values = Array.from({ length: 300 }, (_, index) => synthesizer.at(index).value)
const { signal } = new AbortController()

async function handle(count: number): Promise<void> {
  for (let offset = 0; offset < count; offset++) {
    const value = values[offset % values.length] ?? null
    const record = { topic, partition: 0, offset, timestamp: 0, key: null, headers: undefined }
    const outcome = await processor.process({ ...record, value }, signal)
    if (outcome.kind !== 'ok' && outcome.kind !== 'skip')
      throw 'error' in outcome ? outcome.error : new Error(outcome.kind)
  }
}

await handle(Number(messages) / 4)
const before = process.cpuUsage()
await handle(Number(messages))
const { user, system } = process.cpuUsage(before)
console.log(JSON.stringify((user + system) / Number(messages)))
process.exit()
