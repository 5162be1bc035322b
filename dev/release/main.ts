import { join } from 'node:path'
import { describeActions } from '../../src/cli/arguments.ts'
import { runDevCommand } from '../command.ts'
import { buildFlags, bumpFlags, checkFlags } from './flags.ts'
import { release } from './release.ts'

await runDevCommand({
  name: 'release',
  call: 'npm run release --',
  usage: `Usage: npm run release -- check [flags]
       npm run release -- bump VERSION [flags]
       npm run release -- build [flags]

Prepares a release; publishes nothing (docs/release.md).

check compares the version in all files that name it. bump writes a new one to them, and a heading to
CHANGELOG.md. build makes the npm package, the chart, the bill of materials and their checksums.

${describeActions({ check: checkFlags, bump: bumpFlags, build: buildFlags })}`,
  run: (args, io) => release(args, io, join(import.meta.dirname, '../..')),
})
