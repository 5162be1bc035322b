import { describeFlags, numberOf, parseFlags, usageError } from '../../src/cli/arguments.ts'
import { exampleConfig } from './example.ts'

const table = {
  rate: { value: 'N', about: 'messages per second (default 1000)' },
  seconds: { value: 'N', about: 'duration; 0: until Ctrl-C (default; with --kill 30)' },
  partitions: { value: 'N', about: 'partitions of the topic (default 4)' },
  example: { value: 'NAME', about: 'run the handlers of examples/NAME and show what they emit' },
  kill: {
    about: 'kill consumers with -9 under load, then count lost and repeated records',
  },
  help: { about: 'print this text' },
} as const

export const HELP = `The main job on embedded parts: an Apache Kafka, a made-up stream and the service.

  npm run demo -- [options]

${describeFlags(table)}

With KAFKA_BOOTSTRAP_SERVERS it runs against a Kafka of yours, with KAFKA_TOPICS too it only reads
there. Nothing is left behind when it ends.
`

export interface DemoFlags {
  readonly rate: number
  /** 0: until interrupted. */
  readonly seconds: number
  readonly partitions: number
  readonly example: string | undefined
  readonly kill: boolean
}

/** null: help was requested. @throws OccError OCC_USAGE, OCC_EXAMPLE */
export function readFlags(args: readonly string[]): DemoFlags | null {
  const given = parseFlags(args, table)
  if (given.help !== undefined) return null
  const kill = given.kill !== undefined
  if (kill && given.example !== undefined)
    throw usageError('--kill and --example exclude each other')
  if (given.example !== undefined) exampleConfig(given.example)
  const integer = { integer: true }
  return {
    rate: numberOf('--rate', given.rate ?? '1000', { min: 1 }),
    seconds: numberOf('--seconds', given.seconds ?? (kill ? '30' : '0'), { min: 0 }),
    partitions: numberOf('--partitions', given.partitions ?? '4', {
      min: 1,
      max: 1000,
      ...integer,
    }),
    example: given.example,
    kill,
  }
}
