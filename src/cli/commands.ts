import { alert } from './commands/alert.ts'
import { check } from './commands/check.ts'
import { dlq } from './commands/dlq.ts'
import { handler } from './commands/handler.ts'
import { migrate } from './commands/migrate.ts'
import { pause } from './commands/pause.ts'
import { peek } from './commands/peek.ts'
import { resume } from './commands/resume.ts'
import { run } from './commands/run.ts'
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
  dlq,
  migrate,
  pause,
  resume,
  version,
]
