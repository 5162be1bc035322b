import { resolve } from 'node:path'
import type { Config } from '../../config/types.ts'
import { createDecoder } from '../../decode/decoder.ts'
import type { KafkaRecord } from '../../kernel/shapes/record.ts'
import { matchesAnyTopic } from '../../kernel/topic-pattern.ts'
import { type Flags, usageError, wordOf } from '../arguments.ts'
import { awaitSchemas } from '../records/await-schemas.ts'
import { commandLog } from '../terminal/command-log.ts'
import type { Io } from '../terminal/io.ts'
import { paint } from '../terminal/terminal.ts'
import { differences } from './difference.ts'
import { type Expected, expectedOf, readExpected, saveResults } from './expectation.ts'
import type { testFlags } from './flags.ts'
import { withHandlerConfig } from './handler-config.ts'
import { rangeOf, recordsToHandle } from './records-to-handle.ts'
import { describeDifferences, describeRun } from './report.ts'
import { isFailure } from './results.ts'
import { type Run, runRecords } from './run-records.ts'

type TestFlags = Flags<typeof testFlags>

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const

/**
 * Handles samples, or records of a topic, with the handler of a file. Exit code 1 if a record
 * failed; with `--expect`, if the results differ; with `--save` neither.
 */
export async function testHandler(file: string, flags: TestFlags, io: Io): Promise<number> {
  checkFlags(flags)
  const level = wordOf('--log', flags.log ?? 'warn', LEVELS)
  const range = rangeOf(flags)
  const path = resolve(file)
  return withHandlerConfig(path, flags, io, async ({ config, isConfigured, sinks }) => {
    // Read first: a mistake in it should not cost a run.
    const expected = flags.expect === undefined ? null : await readExpected(flags.expect)
    const records = await recordsToHandle(config, range, flags, io)
    if (isConfigured) checkTopics(config, records)
    else if (flags.config !== undefined) {
      io.stderr.write(
        `${flags.config} has no handler with the path ${path}: its options and filter are those of the flags.\n`,
      )
    }
    const log = commandLog(io, level)
    const run = await runRecords(config, records, { sinks, log })
    const decoder = createDecoder(config.decode)
    await awaitSchemas(records, decoder)
    const bold = paint(io.stdout, io.env)
    io.stdout.write(`${bold('bold', run.handlers.join(', '))} of ${file}\n\n`)
    io.stdout.write(`${describeRun(run, path, ({ record }) => decoder.decode(record), io)}\n`)
    decoder.close()
    if (flags.save === undefined) return conclude(run, expected, flags, io)
    await saveResults(flags.save, run.results)
    io.stdout.write(`Saved: ${flags.save}\n`)
    return 0
  })
}

/** The exit code. @param expected null: nothing to compare with, so no record may fail. */
function conclude(
  { results, strays }: Run,
  expected: readonly Expected[] | null,
  { expect }: TestFlags,
  io: Io,
): number {
  if (expected === null) return results.some(isFailure) || strays > 0 ? 1 : 0
  const style = paint(io.stdout, io.env)
  const found = differences(expected, results.map(expectedOf))
  if (found.length > 0) {
    const text = describeDifferences(found, io)
    io.stdout.write(`\n${style('red', `Not as expected by ${expect}:`)}\n${text}\n`)
    return 1
  }
  io.stdout.write(`${style('green', `As expected by ${expect}`)}\n`)
  return strays > 0 ? 1 : 0
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

/** A handler that gets none of the records would seem to work. */
function checkTopics({ handlers }: Config, records: readonly KafkaRecord[]): void {
  const patterns = handlers.flatMap((handler) => handler.topics)
  const other = records.find(({ topic }) => !matchesAnyTopic(patterns, topic))?.topic
  if (other === undefined) return
  throw usageError(
    `the handler does not get the topic ${other}: its topics are ${patterns.join(', ')}; give --topic, or change handlers[].topics`,
  )
}
