// npm run demo: the service on embedded parts, live in the terminal; see --help.
import { describeFailure } from '../../src/cli/run/failure.ts'
import { STOPPING } from '../../src/cli/terminal/interrupt.ts'
import { createUndoStack } from '../../src/kernel/lifecycle.ts'
import { type DemoFlags, HELP, readFlags } from './flags.ts'
import { runKill } from './kill.ts'
import { runShow } from './show.ts'

const flags = flagsOrExit()
const undo = createUndoStack()
const interrupt = new AbortController()
for (const signal of STOPPING) {
  process.on(signal, () => {
    if (interrupt.signal.aborted) process.exit(1)
    interrupt.abort()
  })
}

let code = 0
try {
  const run = flags.kill ? runKill : runShow
  code = await run(flags, undo, interrupt.signal)
} catch (error) {
  console.error(`\n${describeFailure(error)}`)
  code = 1
}
for (const { name, error } of await undo.run()) {
  console.error(`${name}: ${describeFailure(error)}`)
  code = 1
}
process.exit(code)

function flagsOrExit(): DemoFlags {
  try {
    const read = readFlags(process.argv.slice(2))
    if (read !== null) return read
    process.stdout.write(HELP)
    process.exit(0)
  } catch (error) {
    console.error(`${describeFailure(error)}\nRun "npm run demo -- --help" for its flags.`)
    process.exit(2)
  }
}
