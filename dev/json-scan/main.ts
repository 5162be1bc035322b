import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { main as compile } from 'assemblyscript/asc'
import { parseFlags } from '../../src/cli/arguments.ts'
import { runDevCommand } from '../command.ts'

const source = join(import.meta.dirname, 'assembly.ts')
export const moduleFile = join(import.meta.dirname, '../../src/decode/scan/module.ts')

const LINE = 96

/** The text of `src/decode/scan/module.ts`. @throws Error with what the compiler says */
export async function renderModule(): Promise<string> {
  let code: Uint8Array | undefined
  const { error, stderr } = await compile(
    [
      ...['assembly.ts', '--outFile', 'scanner.wasm', '--runtime', 'stub', '--noAssert'],
      ...['--enable', 'simd', '--optimizeLevel', '3', '--converge', '--initialMemory', '4'],
    ],
    {
      readFile: (name) => (name === 'assembly.ts' ? readFileSync(source, 'utf8') : null),
      writeFile(_, contents) {
        if (typeof contents !== 'string') code = contents
      },
      listFiles: () => [],
    },
  )
  if (error !== null || code === undefined) throw new Error(`${source}: ${stderr.toString()}`)
  const text = Buffer.from(code).toString('base64')
  const lines = Array.from({ length: Math.ceil(text.length / LINE) }, (_, index) =>
    text.slice(LINE * index, LINE * (index + 1)),
  )
  return `// Written by \`npm run docs\`.

/** dev/json-scan/assembly.ts as WebAssembly, in base64. */
export const SCANNER = \`
${lines.join('\n')}
\`
`
}

if (import.meta.main) {
  await runDevCommand({
    name: 'json-scan',
    call: 'node dev/json-scan/main.ts',
    usage: `Usage: node dev/json-scan/main.ts

Writes src/decode/scan/module.ts: the scanner of JSON, compiled. A part of npm run docs.`,
    async run(args) {
      parseFlags(args, {})
      writeFileSync(moduleFile, await renderModule())
      return 0
    },
  })
}
