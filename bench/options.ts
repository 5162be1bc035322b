import { resolve } from 'node:path'
import { usageError } from '../src/cli/arguments.ts'
import { count, readFlags } from './flags.ts'
import { checkBaseline } from './own.ts'

const PARTS = ['waiting', 'pace', 'stream', 'protobuf', 'workers', 'idle', 'postgres', 'page']

const flagTable = {
  parts: {
    value: 'LIST',
    about: `some of ${PARTS.join(', ')}; default: all`,
  },
  turns: { value: 'N', about: 'runs of each; the medians count; default: 3' },
  baseline: {
    value: 'PATH',
    about: 'another checkout of this project, dependencies installed: takes part, too',
  },
  profile: { about: 'compares nothing: shows by file where the time of this service goes' },
  waited: { value: 'N,...', about: 'waiting: messages of each comparison; default: 20000,300000' },
  sizes: { value: 'BYTES,...', about: 'waiting: of a message; default: 200,3600' },
  keys: { value: 'N', about: 'waiting: their keys; default: 5000' },
  concurrency: { value: 'N', about: 'waiting: most handlers at once; default: 500' },
  paced: { value: 'N', about: 'pace: messages; default: 60000' },
  records: { value: 'N', about: 'stream: messages; default: 300000' },
  rate: { value: 'N', about: 'stream: messages a second, for the latency; default: 5000' },
  'latency-seconds': { value: 'N', about: 'stream: for how long; default: 20' },
  'no-python': { about: 'stream: without the Python consumer' },
  'no-latency': { about: 'stream: without the latency' },
  hashed: { value: 'N', about: 'workers: messages that are hashed; default: 8000' },
  decoded: { value: 'N', about: 'workers: messages that are decoded; default: 200000' },
  megabytes: { value: 'N', about: 'protobuf: of each of its topics; default: 400' },
  rows: { value: 'N', about: 'postgres: messages, one row each; default: 200000' },
  batches: { value: 'ROWS,...', about: 'postgres: this service with other batches, too' },
  'no-connect': { about: 'postgres: without Kafka Connect' },
  'no-fsync': { about: 'postgres: commits do not wait for the disk, and 16 MB of shared buffers' },
  'idle-seconds': { value: 'N', about: 'idle: for how long; default: 60' },
  partitions: { value: 'N', about: 'page: partitions that it shows; default: 1000' },
  letters: { value: 'N', about: 'page: dead letters; default: 10000' },
  'page-seconds': { value: 'N', about: 'page: for each measurement; default: 15' },
} as const

/** What is asked of the benchmark; `--help` and mistakes end the process here. */
export function readOptions() {
  return readFlags('npm run bench --', flagTable, (flags) => {
    const parts = (flags.parts ?? PARTS.join()).split(',')
    const odd = parts.find((part) => !PARTS.includes(part))
    if (odd !== undefined) throw usageError(`--parts ${odd}: the parts are ${PARTS.join(', ')}`)
    const baseline = flags.baseline === undefined ? null : resolve(flags.baseline)
    if (baseline !== null) checkBaseline(baseline)
    return {
      parts: new Set(parts),
      turns: count('turns', flags.turns, 3),
      baseline,
      profile: flags.profile !== undefined,
      waited: list('waited', flags.waited ?? '20000,300000'),
      sizes: list('sizes', flags.sizes ?? '200,3600'),
      keys: count('keys', flags.keys, 5_000),
      concurrency: count('concurrency', flags.concurrency, 500),
      paced: count('paced', flags.paced, 60_000),
      records: count('records', flags.records, 300_000),
      rate: count('rate', flags.rate, 5_000),
      latencySeconds: count('latency-seconds', flags['latency-seconds'], 20),
      python: flags['no-python'] === undefined,
      latency: flags['no-latency'] === undefined,
      hashed: count('hashed', flags.hashed, 8_000),
      decoded: count('decoded', flags.decoded, 200_000),
      megabytes: count('megabytes', flags.megabytes, 400),
      rows: count('rows', flags.rows, 200_000),
      batches: flags.batches === undefined ? [] : list('batches', flags.batches),
      connects: flags['no-connect'] === undefined,
      synced: flags['no-fsync'] === undefined,
      page: {
        partitions: count('partitions', flags.partitions, 1_000),
        letters: count('letters', flags.letters, 10_000),
        seconds: count('page-seconds', flags['page-seconds'], 15),
      },
      idleSeconds: count('idle-seconds', flags['idle-seconds'], 60),
    }
  })
}

function list(name: string, text: string): number[] {
  return text.split(',').map((one) => count(name, one, 0))
}
