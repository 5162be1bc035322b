import assert from 'node:assert/strict'
import test from 'node:test'
import type { BatchHandler, Handler, SingleHandler } from '../../../src/handle/api/types.ts'
import { codeOf } from '../../../src/kernel/errors.ts'
import type { Outcome } from '../../../src/kernel/shapes/outcome.ts'
import { createPipeline, recordAt, TOPIC } from './parts.ts'

const handlerOf = (name: string, handle: SingleHandler['handle']): Handler => ({ name, handle })
const loaded = { parks: true }

test('later parks the record for its handler, and is no evidence that it works', () => {
  const it = createPipeline(
    [
      handlerOf('early', (_, { later }) => later(1_000.4, 'not yet')),
      handlerOf('done', () => {}),
      handlerOf('dead', (_, { dead }) => dead('no')),
    ],
    { loaded },
  )
  assert.deepEqual(it.process(1), {
    ...{ kind: 'later', after: 1_001, reason: 'not yet', handler: 'early,dead' },
    handlers: ['done'],
  })
  assert.equal(it.meters.handler('early').outcomes.later, 1)
})

test('a reason is text, also if a handler gives the error that it caught', () => {
  const caught: unknown = new Error('not yet')
  const later = createPipeline(
    [handlerOf('early', (_, context) => context.later(5, caught as string))],
    { loaded },
  )
  assert.deepEqual(later.process(1), {
    ...{ kind: 'later', after: 5, reason: 'not yet', handler: 'early' },
  })
  const skipping = createPipeline([handlerOf('none', (_, { skip }) => skip(caught as string))])
  assert.deepEqual(skipping.process(1), { kind: 'skip', reason: 'not yet' })
})

test('an answer that a handler made itself is parked only if it says when and why', () => {
  for (const answer of [
    { kind: 'later' },
    { kind: 'later', after: Number.NaN, reason: 'x' },
    // Beyond the times of PostgreSQL.
    { kind: 'later', after: 1e18, reason: 'x' },
  ]) {
    const it = createPipeline([handlerOf('early', () => answer as Outcome)], { loaded })
    const outcome = it.process(1) as Outcome
    assert.equal(outcome.kind === 'retry' && codeOf(outcome.error), 'OCC_HANDLER_ANSWER')
  }
})

test('the longest time of several holds, and one that needs a retry comes first', () => {
  let isDown = true
  const calls: string[] = []
  const it = createPipeline(
    [
      handlerOf('a', (_, { later }) => later(10)),
      handlerOf('b', (_, { later }) => {
        calls.push('b')
        return later(20)
      }),
      handlerOf('c', (_, { retry }) => (isDown ? retry() : undefined)),
    ],
    { loaded },
  )
  assert.equal((it.process(1) as Outcome).kind, 'retry')
  isDown = false
  const outcome = it.process(1) as Outcome
  assert.deepEqual(outcome.kind === 'later' && [outcome.after, outcome.handler], [20, 'a,b'])
  // It has answered already.
  assert.deepEqual(calls, ['b'])
})

test('what it holds is not remembered as handled, and is handed over whatever was handled meanwhile', () => {
  const seen: string[] = []
  const it = createPipeline(
    [
      handlerOf('early', ({ record }, { later, parked, replay }) => {
        seen.push(`${record.offset} ${JSON.stringify(parked)} ${replay}`)
        return record.offset === 1 && parked === null ? later(5) : undefined
      }),
    ],
    { loaded },
  )
  assert.equal((it.pipeline.process(recordAt(1, 'x'), it.signal) as Outcome).kind, 'later')
  assert.equal((it.pipeline.process(recordAt(2, 'x'), it.signal) as Outcome).kind, 'ok')
  const due = { handler: 'early', isReplay: true, times: 2, since: 77 }
  const parked = it.open({ topic: TOPIC, partition: 3, parked: due })
  assert.equal((parked.process(recordAt(1, 'x'), it.signal) as Outcome).kind, 'ok')
  assert.deepEqual(seen, ['1 null false', '2 null false', '1 {"times":2,"since":77} true'])
})

test('a parked record gets only the handlers that it was parked for; one that is gone makes a letter', () => {
  const calls: string[] = []
  const it = createPipeline(
    ['a', 'b'].map((name) => handlerOf(name, () => void calls.push(name))),
    { loaded },
  )
  const visit = (handler: string | null) =>
    it
      .open({
        ...{ topic: TOPIC, partition: 3 },
        parked: { handler, isReplay: false, times: 1, since: 0 },
      })
      .process(recordAt(1), it.signal) as Outcome
  assert.deepEqual([visit('b').kind, calls.splice(0)], ['ok', ['b']])
  assert.deepEqual([visit(null).kind, calls.splice(0)], ['ok', ['a', 'b']])
  const gone = visit('a,gone')
  assert.deepEqual(
    [gone.kind === 'dead' && [codeOf(gone.error), gone.handler], calls],
    [['OCC_HANDLER_UNKNOWN', 'gone'], ['a']],
  )
})

test('a batch that is parked as a whole is not handed over in halves', async () => {
  let calls = 0
  const batch: BatchHandler = {
    name: 'batch',
    batch: { size: 10, within: 0 },
    handle(_, { later }) {
      calls += 1
      return later(5)
    },
  }
  const it = createPipeline([batch], { loaded })
  const records = [1, 2, 3].map((offset) => recordAt(offset))
  const answers = await it.pipeline.processSlice(records, it.signal, true)
  assert.deepEqual(
    answers.map((each) => each !== 'untouched' && each.kind),
    ['later', 'later', 'later'],
  )
  assert.equal(calls, 1)
})

test('without a place for parked records, or with no time, later says so', () => {
  const error = (after: number, parks: boolean) => {
    const it = createPipeline([handlerOf('early', (_, { later }) => later(after))], {
      loaded: { parks },
    })
    const outcome = it.process(1) as Outcome
    return outcome.kind === 'retry' ? outcome.error.message : outcome.kind
  }
  assert.match(error(5, false), /parked\.store: postgres/)
  assert.match(error(Number.NaN, true), /later\(NaN\).*milliseconds from 0 to/)
  assert.match(error(31 * 24 * 3_600_000, true), /30 days/)
  assert.equal(error(0, true), 'later')
})
