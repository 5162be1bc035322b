// node dev/part.mjs NAME COMMAND...: runs the command and ends as it ends. Where PART_TIMES names a
// file, NAME, seconds and exit code are added to it; .ci/run prints them. What Node compiles is kept in
// .cache/, for all the processes that tests start. Plain JavaScript, for whatever Node the machine has.
import { spawnSync } from 'node:child_process'
import { appendFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const [name = '', command = '', ...args] = process.argv.slice(2)
const began = performance.now()
const compiled = fileURLToPath(new URL('../.cache/compiled', import.meta.url))
const { status, error } = spawnSync(command, args, {
  stdio: 'inherit',
  env: { NODE_COMPILE_CACHE: compiled, ...process.env },
  shell: process.platform === 'win32',
})
if (error) console.error(`${name}: ${error.message}`)
const code = status ?? 1
const seconds = Math.round((performance.now() - began) / 1000)
const file = process.env['PART_TIMES']
if (file) appendFileSync(file, `${name}\t${seconds}\t${code}\n`)
process.exit(code)
