import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { createProcessing } from '../../../src/app/create-processing.ts'
import { heldSinks } from '../../../src/app/offsets/open-offsets-pool.ts'
import { createSinks } from '../../../src/app/sinks/create-sinks.ts'
import { loadConfig } from '../../../src/config/load/load.ts'
import type { RecordWriter } from '../../../src/handle/write/write-round.ts'
import type { OccError } from '../../../src/kernel/errors.ts'
import type { Log, LogFields } from '../../../src/kernel/log.ts'
import type { KafkaRecord } from '../../../src/kernel/shapes/record.ts'
import { systemClock } from '../../../src/kernel/time/clock.ts'
import { createMeters } from '../../../src/observe/meters/meters.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

export const TOPIC = 'transfers'

export function recordAt(offset: number, value: unknown = { offset }): KafkaRecord {
  const where = { topic: TOPIC, partition: 1, offset, timestamp: 1_700_000_000_000 }
  return { ...where, key: null, value: Buffer.from(JSON.stringify(value)), headers: undefined }
}

export function recordsOf(values: readonly unknown[]): KafkaRecord[] {
  return values.map((value, offset) => recordAt(offset, value))
}

/** Keeps every line, for the test to look for one. */
function createLines() {
  const lines: Array<{ level: string; fields: LogFields; text: string }> = []
  const waiting: Array<() => void> = []
  const log = (bindings: Record<string, unknown>): Log => {
    const write = (level: string) => (fields: LogFields, text: string) => {
      lines.push({ level, fields: { ...bindings, ...fields }, text })
      for (const look of waiting) look()
    }
    return {
      trace: write('trace'),
      debug: write('debug'),
      info: write('info'),
      warn: write('warn'),
      error: write('error'),
      fatal: write('fatal'),
      child: (more) => log({ ...bindings, ...more }),
    }
  }
  return {
    log: log({}),
    lines,
    /** Resolves with the first line of this event, also one that came before. */
    logged(event: string) {
      return new Promise<(typeof lines)[number]>((resolve) => {
        const look = () => {
          const line = lines.find(({ fields }) => fields.event === event)
          if (line !== undefined) resolve(line)
        }
        waiting.push(look)
        look()
      })
    },
  }
}

/**
 * Worker threads that run the handler of this source, and a partition that they handle.
 * @param beside more files in its folder, by their names; one of them may be a package.json.
 */
export async function startWorkers(
  t: TestContext,
  source: string,
  settings: object = {},
  { name = 'handler.mjs', beside = {} }: { name?: string; beside?: Record<string, string> } = {},
) {
  const folder = temporaryFolder(t)
  const path = join(folder, name)
  const file = join(folder, 'config.yaml')
  const rows = join(folder, 'rows.ndjson')
  for (const [each, text] of Object.entries({ ...beside, [name]: source })) {
    writeFileSync(join(folder, each), text)
  }
  function configOf(all: object) {
    const { processing = {}, handler = {}, ...more } = all as Record<string, object>
    const yaml = {
      kafka: { brokers: ['localhost:1'], topics: [TOPIC], groupId: 'workers' },
      handlers: [{ path, timeout: '30s', ...handler }],
      sinks: { rows: { type: 'file', path: rows } },
      processing: { workers: 1, ...processing },
      ...more,
    }
    writeFileSync(file, JSON.stringify(yaml))
    const loaded = loadConfig({ file, env: {} })
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems))
    return loaded.config
  }
  const meters = createMeters()
  const { log, lines, logged } = createLines()
  const config = configOf(settings)
  const held = heldSinks(config)
  const sinks = createSinks(config, log, meters, (name) => held.has(name))
  const { emit } = sinks
  const transacts = config.offsets.store === 'postgres'
  const noTransaction = Promise.withResolvers<OccError>()
  const handling = createProcessing(config, {
    ...{ emit, meters, clock: systemClock, log },
    ...{ transacts, noTransaction: noTransaction.resolve },
  })
  t.after(async () => {
    await handling.close()
    await sinks.close()
  })
  await handling.start()
  const abort = new AbortController()
  const open = (partition: number, writer: RecordWriter | null = null) => {
    const processor = handling.openProcessor({ topic: TOPIC, partition }, writer)
    return {
      processor,
      async slice(records: readonly KafkaRecord[], ordered = true) {
        const own = records.map((record) => ({ ...record, partition }))
        return (await processor.processSlice?.(own, abort.signal, ordered)) ?? []
      },
    }
  }
  /** Applies live keys, from the next slice on. */
  async function change(more: object): Promise<void> {
    const apply = await handling.prepare(configOf({ ...settings, ...more }))
    apply()
  }
  return {
    ...{ handling, meters, lines, logged, abort, open, rows, change, ...open(1) },
    noTransaction: noTransaction.promise,
  }
}

/** What came of each: the kind, with the code of its error. */
export function kinds(
  answers: Awaited<ReturnType<Awaited<ReturnType<typeof startWorkers>>['slice']>>,
) {
  return answers.map((answer) => {
    if (answer === 'untouched') return answer
    return 'error' in answer ? `${answer.kind} ${answer.error.code}` : answer.kind
  })
}
