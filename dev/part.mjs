// node dev/part.mjs NAME COMMAND...: runs the command and ends as it ends. Where PART_TIMES names a
// file, NAME, seconds and exit code are added to it; .ci/run prints them. Plain JavaScript, for
// whatever Node the machine has.
import { spawnSync } from 'node:child_process'
import { appendFileSync } from 'node:fs'

const [name = '', command = '', ...args] = process.argv.slice(2)
const began = performance.now()
const { status, error } = spawnSync(command, args, {
  stdio: 'inherit',
  shell: process.platform === 'win32',
})
if (error) console.error(`${name}: ${error.message}`)
const code = status ?? 1
const seconds = Math.round((performance.now() - began) / 1000)
const file = process.env['PART_TIMES']
if (file) appendFileSync(file, `${name}\t${seconds}\t${code}\n`)
process.exit(code)
