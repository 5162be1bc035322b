import { alert } from './commands/alert.ts'
import { check } from './commands/check.ts'
import { dlq } from './commands/dlq.ts'
import { groups } from './commands/groups.ts'
import { handler } from './commands/handler.ts'
import { lag } from './commands/lag.ts'
import { migrate } from './commands/migrate.ts'
import { offsets } from './commands/offsets.ts'
import { pause } from './commands/pause.ts'
import { peek } from './commands/peek.ts'
import { produce } from './commands/produce.ts'
import { read } from './commands/read.ts'
import { replay } from './commands/replay.ts'
import { resume } from './commands/resume.ts'
import { run } from './commands/run.ts'
import { status } from './commands/status.ts'
import { tap } from './commands/tap.ts'
import { topics } from './commands/topics.ts'
import { version } from './commands/version.ts'
import type { Command } from './terminal/io.ts'

/** All commands except help, which lists them. */
// biome-ignore format: one line each
export const commands: readonly Command[] = [
  run,
  check,
  handler,
  alert,
  peek,
  read,
  produce,
  lag,
  groups,
  topics,
  status,
  tap,
  replay,
  dlq,
  migrate,
  offsets,
  pause,
  resume,
  version,
]
