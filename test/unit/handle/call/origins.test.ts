import assert from 'node:assert/strict'
import { AsyncLocalStorage } from 'node:async_hooks'
import { execFile } from 'node:child_process'
import test from 'node:test'
import { promisify } from 'node:util'
import type { SingleHandler } from '../../../../src/handle/api/types.ts'
import type { CallTracing } from '../../../../src/kernel/tracing.ts'
import { createPipeline } from '../parts.ts'

/** Without it, a resource keeps contexts, as before Node 24. */
const FRAMES = '--no-async-context-frame'

/** Calls of a handler that enters a storage of its own; then what each found there. */
const CALLS = `
  import { AsyncLocalStorage } from 'node:async_hooks'
  import { origins, runAlone } from ${JSON.stringify(new URL('../../../../src/handle/call/origins.ts', import.meta.url))}
  const own = new AsyncLocalStorage()
  const found = []
  const call = (name) => runAlone({ file: name }, handle, name)
  async function handle(name) {
    found.push(own.getStore() ?? 'nothing')
    if (name === 'a') call('inner')
    own.enterWith(name)
    await null
    found.push(own.getStore() + ' of ' + origins.getStore().file)
  }
  await Promise.all([call('a'), call('b')])
  await new Promise(setImmediate)
  await call('c')
  found.push(String(origins.getStore() ?? own.getStore() ?? 'nothing'))
  console.log(found.join())
`

test('what a handler enters in a storage of its own reaches no other call', async () => {
  const flags = process.allowedNodeEnvironmentFlags.has(FRAMES) ? [[], [FRAMES]] : [[]]
  for (const own of flags) {
    const args = [...own, '--no-warnings', '--input-type=module', '--eval', CALLS]
    const { stdout } = await promisify(execFile)(process.execPath, args)
    assert.deepEqual(stdout.trim().split(','), [
      ...['nothing', 'nothing', 'nothing', 'inner of inner', 'a of a', 'b of b'],
      ...['nothing', 'c of c', 'nothing'],
    ])
  }
})

test('a call, traced or not, has nothing of the context that its record came in', async () => {
  const storage = new AsyncLocalStorage<string>()
  const seen: unknown[] = []
  const handle: SingleHandler['handle'] = () => void seen.push(storage.getStore())
  const context = { headers: { traceparent: '' }, isTraced: false }
  const run = <Result>(work: () => Result) => work()
  const tracing: CallTracing = {
    begin: () => ({ context, run, leave: run }),
    beginBatch: () => null,
    end() {},
    contextOf: () => null,
  }
  for (const loaded of [{}, { tracing }]) {
    const it = createPipeline([{ name: 'one', handle }], { loaded })
    storage.run('of the service', () => it.process(1))
  }
  assert.deepEqual(seen, [undefined, undefined])
})
