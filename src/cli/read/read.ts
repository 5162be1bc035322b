import { rangeText, readLog } from '../../app/read-log.ts'
import { type FoundPart, findParts } from '../../broker/reading/log-places.ts'
import type { Config } from '../../config/types.ts'
import { createAddressLists } from '../../handle/select/address-list.ts'
import { openFilter } from '../../handle/select/filters.ts'
import { partitionName } from '../../kernel/shapes/record.ts'
import type { Flags } from '../arguments.ts'
import { createDecoding } from '../records/decoding.ts'
import { readerBrokers, withReaderConfig } from '../records/kafka-config.ts'
import { commandLog } from '../terminal/command-log.ts'
import { interruptSignal } from '../terminal/interrupt.ts'
import type { Io } from '../terminal/io.ts'
import { createOutput } from '../terminal/output.ts'
import type { readFlags } from './flags.ts'
import { createPrint } from './forms.ts'
import { Printing } from './printing.ts'
import { type ReadSettings, readSettings } from './settings.ts'

/**
 * Prints records until the end of each part, `--count`, Ctrl-C or the end of the reader of the
 * output. Exit code 1 if a record or a batch could not be printed, or a part ended before its end.
 */
export async function read(
  places: readonly string[],
  flags: Flags<typeof readFlags>,
  io: Io,
): Promise<number> {
  const settings = readSettings(places, flags, Date.now())
  return withReaderConfig(configOptions(settings, flags), io, ({ config }) =>
    print(config, settings, places, flags, io),
  )
}

async function print(
  config: Config,
  settings: ReadSettings,
  places: readonly string[],
  flags: Flags<typeof readFlags>,
  io: Io,
): Promise<number> {
  const { parts: wanted, until } = settings
  const uncommitted = config.kafka.isolationLevel === 'read_uncommitted'
  const log = commandLog(io, 'warn')
  const brokers = readerBrokers(config, flags, 'the argument')
  const { signal, release } = interruptSignal(io)
  const lists = createAddressLists(log)
  const decode = createDecoding(config.decode)
  try {
    const filter = await openFilter(config.filter, lists)
    const parts = await findParts(brokers, wanted, until, uncommitted, log)
    for (const part of parts) sayDeleted(part, io)
    const output = createOutput(io.stdout, signal)
    const form = createPrint(settings, io)
    const printing = new Printing({ settings, filter, decode, print: form, output, io })
    for await (const item of readLog(config, parts, { log, signal, borrows: true })) {
      await printing.take(item, signal)
      if (printing.isOver) break
    }
    await output.flush()
    printing.end()
    const { printed, failed, ended } = printing
    if (printed + failed + ended === 0 && !signal.aborted) {
      const passes = settings.filter ?? settings.grep
      const which = passes === undefined ? '' : ' that passes'
      io.stderr.write(`${places.join(' ')}: there is no record${which}.\n`)
    }
    return failed + ended > 0 ? 1 : 0
  } finally {
    decode.close()
    lists.close()
    release()
  }
}

function configOptions(settings: ReadSettings, flags: Flags<typeof readFlags>) {
  return {
    flags,
    sections: ['decode', 'filter'],
    topic: settings.parts[0]?.topic ?? '',
    // The filter of the service says what is handled; here the flag says what is shown.
    adjust(values: Record<string, unknown>, _: string | undefined, sources: Map<string, string>) {
      delete values['filter']
      if (settings.filter === undefined) return
      values['filter'] = settings.filter
      sources.set('filter', '--filter')
    },
  }
}

function sayDeleted({ topic, partition, deleted }: FoundPart, io: Io): void {
  if (deleted === null) return
  io.stderr.write(
    `${partitionName({ topic, partition })}: retention has deleted ${rangeText(deleted)}; the first record is at ${deleted.to}.\n`,
  )
}
