// node_modules/.bin/node bench/tracing.ts: what traces cost of the CPU of a message with an async handler that
// emits, without Kafka: off, with the API and no SDK, and with an SDK that sends them as OTLP.
import { execFile } from 'node:child_process'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { count, readFlags } from './flags.ts'
import { median } from './report.ts'

const flags = readFlags(
  'node_modules/.bin/node bench/tracing.ts',
  {
    turns: { value: 'N', about: 'of each, the median ratio counts; default: 7' },
    messages: { value: 'N', about: 'of each turn; default: 100000' },
    size: { value: 'BYTES', about: 'of a message; default: 1500' },
  },
  ({ turns, messages, size }) => ({
    turns: count('turns', turns, 7),
    messages: count('messages', messages, 100_000),
    size: count('size', size, 1_500),
  }),
)

const root = join(import.meta.dirname, '..')
const PRESET = `--import=${join(root, 'examples/tracing/otlp.mjs')}`
const contestants = [
  { name: 'off', kind: 'off', every: 1000 },
  { name: 'API only', kind: 'api', every: 1000 },
  { name: 'SDK, 0.1 % of the calls', kind: 'sdk', every: 1000 },
  { name: 'SDK, 100 % of the calls', kind: 'sdk', every: 1 },
]

// Takes what it gets.
const collector = createServer((request, response) => {
  request.resume().on('end', () => response.end('{}'))
})
await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve))
const address = collector.address()
const port = typeof address === 'object' ? address?.port : 0

/** Microseconds of CPU a message. */
async function turn({ kind, every }: (typeof contestants)[number]): Promise<number> {
  const worker = join(import.meta.dirname, 'tracing/work.ts')
  const values = [kind, every, flags.size, flags.messages].map(String)
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [...(kind === 'sdk' ? [PRESET] : []), worker, ...values],
    { env: { ...process.env, OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}` } },
  )
  return Number(JSON.parse(stdout))
}

const times = contestants.map((): number[] => [])
for (let number = 0; number < flags.turns; number++) {
  // Each begins a turn in its turn, so that none always meets a cold machine.
  for (let step = 0; step < contestants.length; step++) {
    const index = (number + step) % contestants.length
    const contestant = contestants[index]
    if (contestant !== undefined) times[index]?.push(await turn(contestant))
  }
}
collector.close()
const [off = []] = times
console.table(
  Object.fromEntries(
    contestants.map(({ name }, index) => {
      const own = times[index] ?? []
      const ratios = own.map((time, number) => time / (off[number] ?? Number.NaN))
      return [
        name,
        {
          'µs of CPU a message': median(own).toFixed(2),
          'ratio to off': median(ratios).toFixed(3),
          from: Math.min(...ratios).toFixed(3),
          to: Math.max(...ratios).toFixed(3),
        },
      ]
    }),
  ),
)
