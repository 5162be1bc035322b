// node bench/viewers.ts: what it costs a pod that people look at its status page; see --help. The service reads a
// stream, so that something changes all the time.
import type { ChildProcess } from 'node:child_process'
import { get, type IncomingMessage } from 'node:http'
import { startKafka } from '../dev/kafka/embedded-kafka.ts'
import { table } from '../src/cli/terminal/terminal.ts'
import { sleep } from '../src/kernel/lifecycle.ts'
import { childCpu } from './cpu.ts'
import { count, readFlags } from './flags.ts'
import { startWatched } from './watched.ts'

/** Milliseconds after which what starting up has left is compiled and collected. */
const SETTLING = 20_000
const BELOW_PERCENT = 2

const { viewers, seconds, partitions } = readFlags(
  'node_modules/.bin/node bench/viewers.ts',
  {
    viewers: { value: 'N', about: 'people who look; default: 50' },
    seconds: { value: 'N', about: 'of each measurement; default: 30' },
    partitions: { value: 'N', about: 'of the topic; default: 200' },
  },
  (flags) => ({
    viewers: count('viewers', flags.viewers, 50),
    seconds: count('seconds', flags.seconds, 30),
    partitions: count('partitions', flags.partitions, 200),
  }),
)

const kafka = await startKafka()
const watched = await startWatched({
  ...{ brokers: kafka.bootstrap.join(), topic: 'watched', partitions },
  env: { OCC_DEAD_LETTERS_FILE_FOLDER: `/tmp/bench-viewers-${process.pid}` },
  createTopic: (name, count) => kafka.tools.createTopic(name, count),
})
try {
  const { port } = watched
  await sleep(SETTLING)
  const rows: string[][] = []
  const measure = async (what: string) => {
    const percent = await percentOf(watched.process)
    rows.push([what, percent.toFixed(2)])
    return percent
  }
  const before = await measure('nobody looks')
  const all = await Promise.all(Array.from({ length: viewers }, () => look(port)))
  const during = await measure(`${viewers} viewers`)
  for (const { response } of all) response.destroy()
  const after = await measure('nobody looks any more')
  const bytes = all.reduce((sum, one) => sum + one.bytes, 0) / viewers
  const cost = during - (before + after) / 2
  console.log(`\n${partitions} partitions, 100 records/s, ${seconds} s each\n`)
  console.log(table(rows, { header: ['', '% of a core'] }))
  console.log(`\nevery viewer got ${(bytes / 1000 / seconds).toFixed(1)} kB a second`)
  console.log(
    `${viewers} viewers cost ${cost.toFixed(2)} % of a core (wanted: below ${BELOW_PERCENT} %)`,
  )
  process.exitCode = cost < BELOW_PERCENT ? 0 : 1
} finally {
  await watched.close()
  await kafka.close()
}

/** The share of a core that it takes, over the seconds of a measurement. */
async function percentOf(child: ChildProcess): Promise<number> {
  const [before, began] = [childCpu(child), performance.now()]
  await sleep(seconds * 1000)
  return (100 * (childCpu(child) - before)) / ((performance.now() - began) / 1000)
}

/** A viewer that reads what it gets. */
async function look(port: number): Promise<{ response: IncomingMessage; bytes: number }> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  get({ port, host: '127.0.0.1', path: '/page/live' }, resolve).on('error', reject)
  const response = await promise
  const viewer = { response, bytes: 0 }
  response.on('data', (chunk: Buffer) => {
    viewer.bytes += chunk.length
  })
  response.on('error', () => {})
  return viewer
}
