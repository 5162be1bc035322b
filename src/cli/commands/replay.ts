import { replayFlags } from '../replay/flags.ts'
import { defineCommand } from './define-command.ts'

export const replay = defineCommand({
  name: 'replay',
  summary: 'handle the records of a time range again',
  usage: `Usage: onchain-consumer replay --from TIME [--to TIME] [flags]

Sends the records of a range through the configured handlers and their sinks, as the service does:
filters, duplicates, order, retries, circuits and dead letters are those of the configuration. The
consumer group is not touched, so the service may run meanwhile. Read on the topics is the only
permission needed.

With --progress FILE, the same command continues where it was interrupted; after a crash, each
record of the range is handled at least once. Exit code 0 if every record was handled; 1 if some
became dead letters or were deleted by retention, or if it was interrupted.

--dry-run handles each record once and prints outcomes and counts; values for sinks are counted, not
sent. What a handler does by itself, such as a request to another service, it does then too.`,
  flags: replayFlags,
  run: async (flags, io) => (await import('../replay/replay.ts')).replay(flags, io),
})
