import { describeFlags } from '../../src/cli/arguments.ts'
import { interruptSignal } from '../../src/cli/terminal/interrupt.ts'
import type { Io } from '../../src/cli/terminal/io.ts'
import {
  createProgressBar,
  formatBytes,
  formatCount,
  formatDuration,
  paint,
  table,
} from '../../src/cli/terminal/terminal.ts'
import { CodedError } from '../../src/kernel/errors.ts'
import type { DevCommand } from '../command.ts'
import { runProduction } from '../synthetic/production.ts'
import { createSynthesizer } from '../synthetic/synthesizer.ts'
import type { ProductionSummary, RecordProducer, Synthesizer } from '../synthetic/types.ts'
import { type ProduceSettings, parseProduceFlags, produceFlags } from './flags.ts'

export type ConnectProducer = (settings: ProduceSettings, io: Io) => Promise<RecordProducer>

/** The command with the caller's connection; tests pass their own producer. */
export function createProduceCommand(connect: ConnectProducer): DevCommand {
  return {
    name: 'produce',
    call: 'npm run produce --',
    usage: `Usage: npm run produce -- --brokers HOST:PORT | --config FILE | --file FILE [flags]

Sends made-up messages of Solana, Tron and EVM chains until --count is reached or Ctrl-C is pressed.
Every message carries the header synthetic-id (seed-index), so that each can be accounted for.

${describeFlags(produceFlags)}`,

    async run(args, io) {
      const settings = parseProduceFlags(args, Date.now())
      const synthesizer = createSynthesizer(settings)
      const interrupt = interruptSignal(io)
      try {
        const producer = await connect(settings, io)
        const summary = await send(settings, synthesizer, producer, io, interrupt.signal)
        io.stdout.write(`${describe(settings, synthesizer, summary, io)}\n`)
        return 0
      } finally {
        interrupt.release()
      }
    },
  }
}

async function send(
  settings: ProduceSettings,
  synthesizer: Synthesizer,
  producer: RecordProducer,
  io: Io,
  signal: AbortSignal,
): Promise<ProductionSummary> {
  const { topic, count, rate, createTopic, partitions } = settings
  try {
    if (createTopic && partitions !== undefined) await producer.ensureTopic(topic, partitions)
    const bar = createProgressBar(io.stderr, { label: topic, total: count })
    try {
      return await runProduction(
        synthesizer,
        producer,
        { topic, rate, count },
        ({ messages, bytes }) => bar.update(messages, bytes),
        signal,
      )
    } catch (error) {
      // Ids in progress may or may not be in the topic: report how far it got.
      const { messages } = synthesizer.expected
      throw new CodedError(
        'OCC_PRODUCE_FAILED',
        `Producing to ${topic} stopped after at most ${formatCount(messages)} messages of seed ${settings.seed}: ${error instanceof Error ? error.message : String(error)}`,
        { cause: error },
      )
    } finally {
      bar.finish()
    }
  } finally {
    await producer.close()
  }
}

function describe(
  settings: ProduceSettings,
  { expected }: Synthesizer,
  summary: ProductionSummary,
  io: Io,
): string {
  const colour = paint(io.stdout, io.env)
  const { messages, bytes, milliseconds } = summary
  const perSecond = milliseconds === 0 ? 0 : (messages / milliseconds) * 1000
  const poison = Object.entries(expected.poisonByKind).filter(([, count]) => count > 0)
  const rows = [
    ['messages', formatCount(messages)],
    ['good', formatCount(expected.good)],
    ['duplicates', formatCount(expected.duplicates)],
    ...poison.map(([kind, count]) => [`poison: ${kind}`, formatCount(count)]),
    ['distinct events', formatCount(expected.events)],
    ['bytes of values', formatBytes(bytes)],
    ['time', formatDuration(milliseconds)],
    ['messages a second', formatCount(perSecond)],
  ]
  const end = summary.endedBy === 'signal' ? 'Interrupted' : 'Done'
  return `${colour('bold', `${end}: ${settings.topic}, seed ${settings.seed}`)}\n${table(rows)}`
}
