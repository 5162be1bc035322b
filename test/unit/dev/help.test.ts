import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { globSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import { promisify } from 'node:util'

const ROOT = join(import.meta.dirname, '../../..')
const TOOLS = [
  'bench/main.ts',
  'dev/build.ts',
  'dev/image-figures.ts',
  'dev/kafka/prepare.ts',
  'dev/names.ts',
  ...globSync('dev/**/{main,*-main}.ts', { cwd: ROOT }),
  ...globSync('dev/**/*.sh', { cwd: ROOT }),
]

test('each tool of the repository says with --help what it does, and does nothing else', async (t) => {
  assert.ok(TOOLS.length > 12, TOOLS.join())
  for (const tool of TOOLS) {
    await t.test(tool, async () => {
      const program = tool.endsWith('.sh') ? 'bash' : process.execPath
      const { stdout, stderr } = await promisify(execFile)(program, [join(ROOT, tool), '--help'])
      assert.equal(stderr, '')
      assert.match(stdout, /\w+ \w+ \w+/)
    })
  }
})
