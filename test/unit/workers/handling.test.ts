import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { isMainThread, threadId } from 'node:worker_threads'
import { GROUP_HEADER } from '../../../src/kernel/shapes/dead-letter.ts'
import { PASSED_BY, skip } from '../../../src/kernel/shapes/outcome.ts'
import { kinds, recordsOf, startWorkers } from './processing.ts'
import { fetchedOf } from './wholes.ts'

test('records are handled in another thread, and this one knows all results', async (t) => {
  const { slice, meters, rows, logged } = await startWorkers(
    t,
    `import { threadId } from 'node:worker_threads'
    export default {
      name: 'sorter',
      async handle({ document: { want, big } }, { emit, log, skip, dead, retry }) {
        if (want === 'skip') return skip('not now')
        if (want === 'dead') return dead('it is poison')
        if (want === 'retry') return retry(70)
        if (want === 'row') await emit('rows', { threadId, big, amount: 10n ** 20n }, { id: 'a' })
        if (want === 'line') log.warn({ event: 'seen', threadId }, 'A line')
      },
    }`,
  )
  const wants = ['ok', 'skip', 'dead', 'row', 'line', 'retry', 'ok']
  const answers = await slice(recordsOf(wants.map((want) => ({ want }))))
  assert.deepEqual(kinds(answers), [
    'ok',
    'skip',
    'dead OCC_HANDLER_DEAD',
    'ok',
    'ok',
    'retry OCC_HANDLER_RETRY',
    'untouched',
  ])
  assert.deepEqual(answers[0], { kind: 'ok', handlers: ['sorter'] })
  const [retry] = answers.slice(5)
  assert.ok(retry !== undefined && retry !== 'untouched' && retry.kind === 'retry')
  assert.deepEqual([retry.handler, retry.after, retry.error.retriable], ['sorter', 70, true])
  const row = JSON.parse(readFileSync(rows, 'utf8').split('\n')[0] ?? '')
  assert.equal(isMainThread, true)
  assert.notEqual(row.value.threadId, threadId)
  assert.equal(row.value.amount, '100000000000000000000')
  const { level, fields } = await logged('seen')
  assert.deepEqual(
    [level, fields['handler'], fields['threadId']],
    ['warn', 'sorter', row.value.threadId],
  )
  // A dead letter is counted when it is kept.
  assert.deepEqual(meters.handler('sorter').outcomes, {
    ok: 3,
    skip: 1,
    retry: 1,
    later: 0,
    dead: 0,
  })
  assert.equal(meters.handler('sorter').skips.get('not now'), 1)
  assert.equal(meters.topic('transfers').decodeSeconds.snapshot().count, 6)
  assert.equal(meters.handler('sorter').callSeconds.snapshot().count, 6)
})

test('an undecodable record blocks nothing, and a failed emit is reported to its handler', async (t) => {
  const { slice } = await startWorkers(
    t,
    `export default { name: 'h', handle: (message, { emit }) => emit('nowhere', 1) }`,
  )
  const [good, bad] = recordsOf([1, 2])
  assert.ok(good !== undefined && bad !== undefined)
  const answers = await slice([
    { ...bad, offset: 0, value: Buffer.from('{') },
    { ...good, offset: 1 },
  ])
  assert.deepEqual(kinds(answers), ['retry OCC_JSON_INVALID', 'retry OCC_EMIT_SINK'])
  const [first] = answers
  assert.ok(first !== 'untouched' && first?.kind === 'retry')
  assert.equal(first.fault, 'decode', 'what the flow has to know crosses over')
})

test('a record redriven for another group is passed by unread, and this thread knows that', async (t) => {
  const { slice, processor, abort, meters } = await startWorkers(
    t,
    `export default { name: 'h', handle(message, { skip }) { return skip('a rule') } }`,
  )
  const [own, other] = recordsOf([1, 2])
  assert.ok(own !== undefined && other !== undefined)
  const headers = { [GROUP_HEADER]: Buffer.from('another-group') }
  const answers = await slice([own, { ...other, headers }])
  // Which rule it was is known in the worker.
  assert.deepEqual(answers, [skip(''), PASSED_BY])
  const read = fetchedOf(1, 2, [1, 2])
  const mixed = fetchedOf(1, 4, [1, 2], { headers: [[], [[GROUP_HEADER, 'another-group']]] })
  const whole = await processor.processBatches?.([read, mixed], abort.signal, true)
  const [first, second] = whole?.batches ?? []
  assert.equal(first?.kind, 'done', 'it was read, so it shows that the topic can be decoded')
  assert.ok(second?.kind === 'parts')
  assert.deepEqual(second.answers, [skip(''), PASSED_BY])
  const timed = whole?.times?.endToEnd.counts.reduce((sum, count) => sum + count, 0)
  assert.deepEqual([timed, meters.topic('transfers').passedBy], [4, 2])
})

test('attempts are counted where the record is handled, and the flow may give it up', async (t) => {
  const { slice, processor } = await startWorkers(
    t,
    `export default { name: 'h', handle(m, { attempt, log }) {
      if (attempt < 3) throw new Error('attempt ' + attempt)
    } }`,
  )
  const [record] = recordsOf([1])
  assert.ok(record !== undefined)
  const texts: string[] = []
  for (let attempt = 0; attempt < 2; attempt++) {
    const [answer] = await slice([record])
    if (answer !== undefined && answer !== 'untouched' && 'error' in answer)
      texts.push(answer.error.message)
  }
  processor.settled?.(record)
  const [anew] = await slice([record])
  assert.match(texts[1] ?? '', /attempt 2/)
  assert.ok(anew !== undefined && anew !== 'untouched' && 'error' in anew)
  assert.match(anew.error.message, /attempt 1/)
})

test('records in flight at the end of an assignment are not waited for', async (t) => {
  const { slice, abort, logged } = await startWorkers(
    t,
    `export default { name: 'h', async handle(m, { log, signal }) {
      log.info({ event: 'begun' }, '')
      await new Promise((resolve) => signal.addEventListener('abort', resolve))
      log.info({ event: 'aborted' }, '')
    } }`,
  )
  const answers = slice(recordsOf([1, 2]))
  await logged('begun')
  abort.abort()
  await logged('aborted')
  assert.equal((await answers)[1], 'untouched')
})

test('handlers are opened and closed in the worker; one that cannot be opened fails the start', async (t) => {
  const { handling, logged, lines } = await startWorkers(
    t,
    `let log
    export default {
      name: 'h',
      open(context) { log = context.log; log.info({ event: 'opened' }, '') },
      handle() {},
      close() { log.info({ event: 'closed' }, '') },
    }`,
  )
  await handling.close()
  await logged('closed')
  assert.equal(lines.filter(({ fields }) => String(fields.event) === 'opened').length, 1)
  await assert.rejects(
    startWorkers(
      t,
      `export default { name: 'h', handle() {}, open() { throw new Error('no database') } }`,
    ),
    { code: 'OCC_HANDLER_OPEN', message: /no database/ },
  )
})
