import { resolve } from 'node:path'
import { brokerOptions } from '../../app/room-options.ts'
import type { Config } from '../../config/types.ts'
import { createDecoder } from '../../decode/decoder.ts'
import type { KafkaRecord } from '../../kernel/record.ts'
import { matchesAnyTopic } from '../../kernel/topic-pattern.ts'
import { createLogger } from '../../observe/log/logger.ts'
import { type Flags, listOf, numberOf, usageError, wordOf } from '../arguments.ts'
import { timeOf } from '../dlq/flags.ts'
import { readSamples } from '../records/sample-files.ts'
import { readTopicRecords } from '../records/topic-records.ts'
import type { Io } from '../terminal/io.ts'
import { paint } from '../terminal/terminal.ts'
import { differences } from './difference.ts'
import { expectedOf, readExpected, saveResults } from './expectation.ts'
import type { testFlags } from './flags.ts'
import { handlerConfig } from './handler-config.ts'
import { describeDifferences, describeRun } from './report.ts'
import { isFailure } from './results.ts'
import { runRecords } from './run-records.ts'

type TestFlags = Flags<typeof testFlags>

const MAX_COUNT = 10_000
const DEFAULT_COUNT = '1000'
const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const

/**
 * Handles samples, or records of a topic, with the handler of a file. Exit code 1 if a record
 * failed; with `--expect`, if the results differ; with `--save` neither.
 */
export async function testHandler(file: string, flags: TestFlags, io: Io): Promise<number> {
  checkFlags(flags)
  const level = wordOf('--log', flags.log ?? 'warn', LEVELS)
  const count = numberOf('--count', flags.count ?? DEFAULT_COUNT, {
    min: 1,
    max: MAX_COUNT,
    integer: true,
  })
  const since = timeOf('--since', flags.since, Date.now())
  const path = resolve(file)
  const { config, isConfigured, sinks } = handlerConfig(path, flags, io)
  // Read first: a mistake in it should not cost a run.
  const expected = flags.expect === undefined ? null : await readExpected(flags.expect)
  const records = await recordsFor(config, { count, since, flags })
  const topics = [...new Set(records.map(({ topic }) => topic))]
  if (isConfigured) checkTopics(config, topics)
  else if (flags.config !== undefined) {
    io.stderr.write(
      `${flags.config} has no handler with the path ${path}: its options and filter are those of the flags.\n`,
    )
  }
  const destination = {
    write: (text: string) => io.stderr.write(text),
    isTTY: io.stderr.isTTY === true,
  }
  const log = createLogger({ level, format: 'text', destination })
  const run = await runRecords({ ...config, kafka: { ...config.kafka, topics } }, records, {
    sinks,
    log,
  })
  const { decode } = createDecoder(config.decode)
  const style = paint(io.stdout, io.env)
  io.stdout.write(`${style('bold', run.handlers.join(', '))} of ${file}\n\n`)
  io.stdout.write(`${describeRun(run, path, ({ record }) => decode(record), io)}\n`)
  if (flags.save !== undefined) {
    await saveResults(flags.save, run.results)
    io.stdout.write(`Saved: ${flags.save}\n`)
    return 0
  }
  if (expected === null) return run.results.some(isFailure) || run.strays > 0 ? 1 : 0
  const found = differences(expected, run.results.map(expectedOf))
  if (found.length === 0) {
    io.stdout.write(`${style('green', `As expected by ${flags.expect}`)}\n`)
    return run.strays > 0 ? 1 : 0
  }
  io.stdout.write(
    `\n${style('red', `Not as expected by ${flags.expect}:`)}\n${describeDifferences(found, io)}\n`,
  )
  return 1
}

function checkFlags({ sample, topic, since, expect, save }: TestFlags): void {
  if (sample === undefined && topic === undefined) {
    throw usageError('there is nothing to handle; give --sample FILE, or --topic NAME')
  }
  if (sample !== undefined && since !== undefined) {
    throw usageError('--since is for records of a topic; remove it, or remove --sample')
  }
  if (expect !== undefined && save !== undefined) {
    throw usageError('--expect compares and --save replaces what to compare with; give one of them')
  }
}

function recordsFor(
  config: Config,
  { count, since, flags }: { count: number; since: number | undefined; flags: TestFlags },
): Promise<readonly KafkaRecord[]> {
  const topic = flags.topic ?? config.kafka.topics[0] ?? 'sample'
  if (flags.sample !== undefined) return readSamples(listOf(flags.sample), { topic, count })
  return readTopicRecords(brokerOptions(config), topic, { count, since, partition: undefined })
}

/** A handler that gets none of the records would seem to work. */
function checkTopics({ handlers }: Config, topics: readonly string[]): void {
  const patterns = handlers.flatMap((handler) => handler.topics)
  const other = topics.find((topic) => !matchesAnyTopic(patterns, topic))
  if (other === undefined) return
  throw usageError(
    `the handler does not get the topic ${other}: its topics are ${patterns.join(', ')}; give --topic, or change handlers[].topics`,
  )
}
