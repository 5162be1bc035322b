import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseFlags } from '../src/cli/arguments.ts'
import { formats } from '../src/decode/formats/index.ts'
import { streams } from '../src/decode/streams/index.ts'
import { messageStreams } from '../src/decode/streams/messages.ts'
import { eventTables } from '../src/sink/postgres/tables/index.ts'
import { templates } from '../src/sink/webhook/templates/index.ts'
import { runDevCommand } from './command.ts'

export const namesFile = join(import.meta.dirname, '../src/kernel/names.ts')

/** The names in the registries of other rooms, as constants that config/ may import. */
export function renderNames(): string {
  return `// Written by \`npm run docs\`.

/** As in decode/formats/index.ts. */
${listOf(
  'formatNames',
  formats.map(({ name }) => name),
)}

/** As in decode/streams/index.ts and messages.ts. */
${listOf(
  'streamNames',
  [...streams, ...messageStreams].map(({ name }) => name),
)}

/** As in sink/postgres/tables/index.ts. */
${listOf(
  'tableNames',
  eventTables.map(({ name }) => name),
)}

/** As in sink/webhook/templates/index.ts. */
${listOf(
  'templateNames',
  templates.map(({ name }) => name),
)}

/** Of the streams. */
${listOf('chains', [
  ...streams.map(({ chain }) => chain),
  ...messageStreams.flatMap(({ chains }) => chains),
])}

/** Topics that are known to hold a Protocol Buffers message. */
${listOf(
  'messageTopics',
  messageStreams.flatMap(({ topics }) => topics),
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

if (import.meta.main) {
  await runDevCommand({
    name: 'names',
    call: 'node dev/names.ts',
    usage: `Usage: node dev/names.ts

Writes src/kernel/names.ts: the names in the registries of decode/. A part of npm run docs.`,
    async run(args) {
      parseFlags(args, {})
      writeFileSync(namesFile, renderNames())
      return 0
    },
  })
}
