import assert from 'node:assert/strict'
import { test } from 'node:test'
import { until } from '../../support/waiting.ts'
import { kinds, recordAt, recordsOf, startWorkers } from './processing.ts'

/** Does as the document says, after a turn of the event loop where it says `later`. */
const KILLER = `
export default {
  name: 'killer',
  async handle({ document: { want } }) {
    if (want === 'exit') process.exit(3)
    if (want === 'exit later') setImmediate(() => process.exit(3))
    if (want === 'memory') { const all = []; for (;;) all.push(new Array(1e5).fill(all.length)) }
    if (want === 'hang') for (;;);
    if (want === 'stay') await new Promise(() => {})
    if (want === 'exit later') await new Promise(() => {})
    await null
  },
}`

const documents = (...wants: string[]) => recordsOf(wants.map((want) => ({ want })))

for (const want of ['exit', 'exit later', 'memory']) {
  test(`a worker that dies (${want}) is replaced; only its record in flight has failed an attempt`, async (t) => {
    const { slice, meters, lines } = await startWorkers(t, KILLER, {
      processing: { workerMemory: '32MiB' },
    })
    const answers = await slice(documents('ok', 'ok', want, 'ok', 'ok'))
    assert.deepEqual(kinds(answers), [
      'ok',
      'ok',
      'retry OCC_WORKER_DIED',
      'untouched',
      'untouched',
    ])
    const [, , died] = answers
    assert.ok(died !== undefined && died !== 'untouched' && died.kind === 'retry')
    assert.equal(died.handler, 'killer')
    assert.deepEqual(kinds(await slice([recordAt(9, { want: 'ok' })])), ['ok'])
    assert.deepEqual(meters.workers.replaced, { died: 1, hung: 0 })
    assert.equal(lines.filter(({ fields }) => fields.event === 'worker.died').length, 1)
  })
}

test('what a worker had in flight is in flight no more when it has died', async (t) => {
  const { open, meters } = await startWorkers(t, KILLER)
  const staying = open(1).slice(documents('stay'))
  await until(() => meters.handler('killer').inFlight === 1, 'the call to be told of')
  await Promise.all([staying, open(2).slice(documents('exit'))])
  assert.deepEqual([meters.workers.replaced.died, meters.handler('killer').inFlight], [1, 0])
})

test('an uncaught error started by a handler in a worker ends nothing, even one in its module', async (t) => {
  const source = `
const queue = []
setInterval(() => { for (const call of queue.splice(0)) call() }, 1).unref()
export default {
  name: 'queued',
  async handle({ document: { want } }) {
    if (want === 'float') void Promise.reject(new Error('nobody awaits it'))
    if (want === 'queue') queue.push(() => { throw 'no error, and no stack' })
  },
}`
  const { slice, meters, lines } = await startWorkers(t, source)
  const answers = await slice(documents('ok', 'float', 'queue', 'ok'))
  assert.deepEqual(kinds(answers), ['ok', 'ok', 'ok', 'ok'])
  const said = () => lines.filter(({ fields }) => fields.event === 'handler.stray-error')
  await until(async () => {
    await slice(documents('ok'))
    return said().length >= 2
  }, 'both errors to be logged')
  assert.deepEqual(
    said().map(({ fields }) => [fields['kind'], fields['handler'], fields['offset']]),
    [
      ['rejection', 'queued', 1],
      ['exception', 'queued', undefined],
    ],
  )
  await slice(documents('ok'))
  assert.deepEqual(meters.handler('queued').strays, { rejection: 1, exception: 1 })
  assert.deepEqual(meters.workers.replaced, { died: 0, hung: 0 })
})

test('a hung worker is replaced, while the other one continues', async (t) => {
  const { open, meters } = await startWorkers(t, KILLER, {
    processing: { workers: 2 },
    handler: { timeout: '100ms' },
  })
  const [hanging, other] = [open(1), open(2)]
  const hung = hanging.slice(documents('ok', 'hang', 'ok'))
  for (let turn = 0; turn < 5; turn++) {
    assert.deepEqual(kinds(await other.slice(documents('ok', 'ok'))), ['ok', 'ok'])
  }
  assert.deepEqual(kinds(await hung), ['ok', 'retry OCC_WORKER_HUNG', 'untouched'])
  assert.deepEqual(kinds(await hanging.slice(documents('ok'))), ['ok'])
  assert.deepEqual(meters.workers.replaced, { died: 0, hung: 1 })
})

test('of several records in flight none is blamed; each is retried alone, and the culprit is found', async (t) => {
  const { slice } = await startWorkers(t, KILLER)
  const records = documents('ok', 'exit later', 'ok', 'exit later')
  const first = kinds(await slice(records, false))
  assert.ok(first.every((kind) => kind === 'ok' || kind === 'untouched'))
  const failed = new Set<number>()
  const open = new Set(records.filter((_, index) => first[index] === 'untouched'))
  while (open.size > 0) {
    const batch = [...open]
    const answers = kinds(await slice(batch, false))
    for (const [index, record] of batch.entries()) {
      if (answers[index] === 'untouched') continue
      open.delete(record)
      if (answers[index] !== 'ok') failed.add(record.offset)
    }
  }
  assert.deepEqual([...failed], [1, 3])
})

test('a batch that is handed over again in parts does not hang, however long they take together', async (t) => {
  const source = `
export default {
  name: 'slow',
  batch: { size: 64, within: 0 },
  async handle(messages) {
    await new Promise((resolve) => setTimeout(resolve, 90))
    const isBad = ({ document: { offset } }) => [1, 17, 33, 49, 63].includes(offset)
    if (messages.length > 1 && messages.some(isBad)) throw new Error('not yet')
  },
}`
  const { slice, meters } = await startWorkers(t, source, { handler: { timeout: '600ms' } })
  const documents = Array.from({ length: 64 }, (_, offset) => ({ offset }))
  const answers = await slice(recordsOf(documents))
  assert.ok(kinds(answers).every((kind) => kind === 'ok'))
  assert.deepEqual(meters.workers.replaced, { died: 0, hung: 0 })
})
