import type { Log, LogFields } from '../../src/kernel/log.ts'

export interface LogLine {
  readonly level: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal'
  readonly fields: LogFields
  readonly text: string
}

/** Keeps every line, at every level. */
export function createCapturedLog(lines: LogLine[] = []): Log & { readonly lines: LogLine[] } {
  const write = (level: LogLine['level']) => (fields: LogFields, text: string) => {
    lines.push({ level, fields, text })
  }
  return {
    lines,
    trace: write('trace'),
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    fatal: write('fatal'),
    child: () => createCapturedLog(lines),
  }
}
