// node_modules/.bin/node dev/pictures/conditions/main.ts: every sentence and note of the status page on a real service; see --help.
import { join } from 'node:path'
import { describeFlags, parseFlags } from '../../../src/cli/arguments.ts'
import { messageOf } from '../../../src/kernel/errors.ts'
import { createUndoStack } from '../../../src/kernel/lifecycle.ts'
import { runDevCommand } from '../../command.ts'
import { root } from '../../tools.ts'
import { ACTS } from './act.ts'
import { CHAPTERS, UNSEEN } from './chapters.ts'
import { createStage } from './stage.ts'

const flags = {
  acts: { value: 'NAME,...', about: 'only these; default: all, about 20 minutes' },
  folder: { value: 'PATH', about: 'folder of the pictures (default .cache/pictures/conditions)' },
} as const

await runDevCommand({
  name: 'conditions',
  call: 'node_modules/.bin/node dev/pictures/conditions/main.ts',
  usage: `Usage: node_modules/.bin/node dev/pictures/conditions/main.ts [flags]

Brings every condition of the status page about on a real service, and looks at the page in a real
Chromium: the words, the chapter of docs/operations.md that they link to, and that there is such a
chapter. Takes a picture of each. The exit code is 1 if one of the acts fails, or, after all of them,
if a condition was not seen.

Acts:
${Object.entries(ACTS)
  .map(([name, { about }]) => `  ${name.padEnd(14)}${about}`)
  .join('\n')}

${describeFlags(flags)}`,
  async run(args, io) {
    const { acts, folder = join(root, '.cache/pictures/conditions') } = parseFlags(args, flags)
    const say = (text: string) => io.stdout.write(`${text}\n`)
    const names = acts?.split(',') ?? Object.keys(ACTS)
    const seen = new Set<string>()
    let failures = 0
    for (const name of names) {
      const act = ACTS[name]
      if (act === undefined) throw new Error(`there is no act ${name}`)
      const undo = createUndoStack()
      const started = performance.now()
      try {
        const stage = await createStage(undo, {
          ...(act.kafka !== undefined && { kafka: act.kafka }),
          ...{ say, pictures: folder, saw: (one) => seen.add(one) },
        })
        await act.play(stage)
        say(`(${name}: ${((performance.now() - started) / 1000).toFixed(0)} s)`)
      } catch (error) {
        failures += 1
        io.stderr.write(`${name}: ${messageOf(error)}\n`)
      } finally {
        for (const { name: part, error } of await undo.run()) {
          io.stderr.write(`${part}: ${String(error)}\n`)
        }
      }
    }
    if (acts !== undefined) return failures === 0 ? 0 : 1
    const unseen = Object.keys(CHAPTERS).filter((name) => !seen.has(name))
    for (const name of unseen) io.stderr.write(`not seen: ${name}\n`)
    for (const [name, why] of Object.entries(UNSEEN)) say(`${name} is never looked at: ${why}`)
    say(`${seen.size} of ${Object.keys(CHAPTERS).length} conditions were seen.`)
    return failures === 0 && unseen.length === 0 ? 0 : 1
  },
})
