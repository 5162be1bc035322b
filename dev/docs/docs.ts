import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseFlags, usageError } from '../../src/cli/arguments.ts'
import type { Io } from '../../src/cli/io.ts'
import { configurationDocs, referenceConfig } from './configuration.ts'
import { renderErrorDocs } from './errors.ts'
import { renderEventDocs } from './log-events.ts'
import { renderMetricsDocs } from './metrics.ts'

interface GeneratedFile {
  /** Inside docs/. */
  readonly name: string
  render(): string
}

export const generatedFiles: readonly GeneratedFile[] = [
  { name: 'configuration.md', render: configurationDocs },
  { name: 'reference-config.yaml', render: referenceConfig },
  { name: 'metrics.md', render: renderMetricsDocs },
  { name: 'errors.md', render: renderErrorDocs },
  { name: 'log-events.md', render: renderEventDocs },
]

const flagTable = {
  write: { about: 'write the files in docs/ anew' },
  check: { about: 'fail when they are not what the code says' },
} as const

/** Prints the generated documents; `--write` puts them into docs/, `--check` compares (exit 1). */
export async function docs(
  args: readonly string[],
  io: Io,
  folder = join(import.meta.dirname, '../../docs'),
): Promise<number> {
  const flags = parseFlags(args, flagTable)
  if (flags.write !== undefined && flags.check !== undefined) {
    throw usageError('--write and --check exclude each other')
  }
  let stale = 0
  for (const { name, render } of generatedFiles) {
    const path = join(folder, name)
    if (flags.write === undefined && flags.check === undefined) {
      io.stdout.write(render())
    } else if (isCurrent(path, render())) {
      io.stdout.write(`${name} is up to date\n`)
    } else if (flags.write !== undefined) {
      writeFileSync(path, render())
      io.stdout.write(`${name} written\n`)
    } else {
      stale += 1
      io.stderr.write(`${name} is not what the code says; run: npm run docs\n`)
    }
  }
  return stale === 0 ? 0 : 1
}

function isCurrent(path: string, content: string): boolean {
  try {
    return readFileSync(path, 'utf8') === content
  } catch {
    return false
  }
}
