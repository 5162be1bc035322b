import type { Log } from '../../kernel/log.ts'
import { createLogger } from '../../observe/log/logger.ts'
import type { Io } from './io.ts'

/** The log of a command: as text on standard error, because its answer is on standard output. */
export function commandLog(
  { stderr }: Io,
  level: Parameters<typeof createLogger>[0]['level'],
): Log {
  const destination = {
    write: (text: string) => stderr.write(text),
    isTTY: stderr.isTTY === true,
  }
  return createLogger({ level, format: 'text', destination })
}
