// node dev/names.ts: writes src/kernel/names.ts; a part of `npm run docs`.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { formats } from '../src/decode/formats/index.ts'
import { streams } from '../src/decode/streams/index.ts'
import { eventTables } from '../src/sink/postgres/tables/index.ts'

export const namesFile = join(import.meta.dirname, '../src/kernel/names.ts')

/** The names in the registries of other rooms, as constants that config/ may import. */
export function renderNames(): string {
  return `// Written by \`npm run docs\`.

/** As in decode/formats/index.ts. */
${listOf(
  'formatNames',
  formats.map(({ name }) => name),
)}

/** As in decode/streams/index.ts. */
${listOf(
  'streamNames',
  streams.map(({ name }) => name),
)}

/** As in sink/postgres/tables/index.ts. */
${listOf(
  'tableNames',
  eventTables.map(({ name }) => name),
)}

/** Of the streams. */
${listOf(
  'chains',
  streams.map(({ chain }) => chain),
)}
export type Chain = (typeof chains)[number]
`
}

/** Formatted like `biome`. */
function listOf(name: string, all: readonly string[]): string {
  const words = [...new Set(all)].map((word) => `'${word}'`)
  const line = `export const ${name} = [${words.join(', ')}] as const`
  if (line.length <= 100) return line
  return `export const ${name} = [\n${words.map((word) => `  ${word},\n`).join('')}] as const`
}

if (process.argv[1] === import.meta.filename) writeFileSync(namesFile, renderNames())
