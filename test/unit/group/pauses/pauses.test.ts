import assert from 'node:assert/strict'
import test, { type TestContext } from 'node:test'
import { Pauses } from '../../../../src/group/pauses/pauses.ts'
import type { Note, NoteStore } from '../../../../src/group/pauses/types.ts'
import { OccError } from '../../../../src/kernel/errors.ts'
import { type Pause, pauseTargetName } from '../../../../src/kernel/shapes/pause-target.ts'
import { partitionName } from '../../../../src/kernel/shapes/record.ts'
import { createCapturedLog } from '../../../support/captured-log.ts'
import { until } from '../../../support/waiting.ts'

const START = 1_000_000
const DAY = 86_400_000
const AWAY = new OccError('OCC_BROKER_UNREACHABLE', 'no broker answers there', { retriable: true })
const REFUSED = new OccError('OCC_GROUP_NOT_AUTHORIZED', 'not authorized for the consumer group')

/** Until the assertion holds. */
function waitFor(check: () => void): Promise<void> {
  const failure = () => {
    try {
      check()
      return null
    } catch (error) {
      return String(error)
    }
  }
  return until(
    () => failure() === null,
    () => String(failure()),
  )
}

/** What is kept for the group, and the pods that share it. */
function createGroup(t: TestContext) {
  const notes = new Map<string, Note>()
  const clock = { time: START, elapsed: 0 }
  const state = { failure: null as OccError | null, missing: '', hangs: false }

  /** What the pod would hold now, after each change. */
  function pod({ skew = 0, interval = 1, topics = ['a', 'b'] } = {}) {
    const held: string[][] = []
    const log = createCapturedLog()
    const failures: string[] = []
    const store: NoteStore = {
      async read() {
        if (state.hangs) await until(() => !state.hangs, 'an answer')
        if (state.failure !== null) throw state.failure
        return [...notes.values()]
      },
      async write(written) {
        if (state.failure !== null) throw state.failure
        if (written.some(({ topic }) => topic === state.missing)) {
          throw new OccError('OCC_TOPIC_UNKNOWN', 'the topic does not exist on the brokers')
        }
        for (const note of written) notes.set(partitionName(note), note)
      },
      close() {},
    }
    const pauses = new Pauses({
      store,
      topics,
      clock: { now: () => clock.time + skew, monotonic: () => clock.elapsed },
      log,
      changed: (all) => held.push(all.map(pauseTargetName).sort()),
      failed: ({ code }) => failures.push(code),
      interval,
    })
    t.after(() => pauses.stop())
    const now = () => held.at(-1)
    return {
      ...{ pauses, held, log, failures },
      start: () => pauses.start(),
      holds: (...names: string[]) =>
        waitFor(() => assert.deepEqual(now(), names.length === 0 ? [] : names.sort())),
    }
  }
  return { notes, clock, state, pod }
}

const order = { by: 'alice', until: null, reason: null }
const byAlice = (pause: Pause) => ({ by: pause.by, until: pause.until, reason: pause.reason })

test('what one pod is told, the others hold, and one that starts later before it does anything else', async (t) => {
  const { pod } = createGroup(t)
  const [first, second] = [pod(), pod()]
  first.start()
  second.start()
  await second.holds()
  const facts = { by: 'alice', until: START + 60_000, reason: 'the index is built anew' }
  const { before, after } = await first.pauses.pause({ target: { topic: 'a' }, ...facts })
  assert.deepEqual([before, after], [[], [{ topic: 'a', since: START, ...facts }]])
  await first.pauses.pause({ target: { topic: 'b', partition: 3 }, ...order })
  await first.pauses.pause({ target: { handler: 'whale' }, ...order })
  const all = ['the topic a', 'partition 3 of b', 'the handler whale']
  await second.holds(...all)
  assert.deepEqual(second.pauses.list().map(byAlice), first.pauses.list().map(byAlice))
  const later = pod()
  later.start()
  await later.holds(...all)
  assert.deepEqual(later.held, [all.sort()], 'nothing else before it')
})

test('at its end everybody consumes again, whoever was told', async (t) => {
  const { pod, clock } = createGroup(t)
  const [first, second] = [pod(), pod()]
  first.start()
  second.start()
  await first.pauses.pause({ target: { topic: 'a' }, ...order, until: START + 1_000 })
  await second.holds('the topic a')
  clock.time += 999
  assert.equal(second.pauses.list().length, 1)
  clock.time += 1
  assert.deepEqual(second.pauses.list(), [])
  await Promise.all([first.holds(), second.holds()])
  const line = second.log.lines.at(-1)
  assert.equal(line?.text, 'Nothing is paused any more')
})

test('it ends also while nothing can be read', async (t) => {
  const { pod, clock, state } = createGroup(t)
  const own = pod()
  own.start()
  await own.pauses.pause({ target: { topic: 'a' }, ...order, until: START + 1_000 })
  state.failure = AWAY
  clock.time += 1_000
  await own.holds()
})

test('resuming a topic resumes its partitions, and nothing else', async (t) => {
  const { pod } = createGroup(t)
  const own = pod()
  own.start()
  for (const target of [{ topic: 'a' }, { topic: 'a', partition: 1 }, { topic: 'b' }]) {
    await own.pauses.pause({ target, ...order })
  }
  const { before, after } = await own.pauses.resume({ target: { topic: 'a' }, ...order, by: 'bob' })
  assert.deepEqual([before.length, after], [2, []])
  await own.holds('the topic b')
  const none = await own.pauses.resume({ target: { topic: 'a' }, ...order })
  assert.deepEqual(none, { before: [], after: [] })
})

test('a later word replaces an earlier one, also of a pod whose clock is behind', async (t) => {
  const { pod } = createGroup(t)
  const [ahead, behind] = [pod({ skew: 30_000 }), pod({ skew: -30_000 })]
  ahead.start()
  behind.start()
  await ahead.pauses.pause({ target: { topic: 'a' }, ...order })
  await behind.pauses.resume({ target: { topic: 'a' }, ...order })
  await ahead.holds()
  await behind.pauses.pause({ target: { topic: 'a' }, ...order, reason: 'again' })
  await ahead.holds('the topic a')
  assert.equal(ahead.pauses.list()[0]?.reason, 'again')
})

test('what two pods write at once is joined', async (t) => {
  const { pod, notes } = createGroup(t)
  const [first, second] = [pod(), pod()]
  first.start()
  second.start()
  await first.pauses.pause({ target: { handler: 'one' }, ...order })
  const kept = [...notes]
  await first.pauses.pause({ target: { handler: 'other' }, ...order })
  // As if the second pod had read before the first one wrote.
  for (const [name, note] of kept) notes.set(name, note)
  await second.pauses.pause({ target: { topic: 'a' }, ...order })
  for (const each of [first, second]) {
    await each.holds('the handler one', 'the handler other', 'the topic a')
  }
  const late = pod()
  late.start()
  await late.holds('the handler one', 'the handler other', 'the topic a')
})

test('a pause and a resume between two looks has others try again, too', async (t) => {
  const { pod } = createGroup(t)
  const [first, second] = [pod(), pod({ interval: 1_000_000 })]
  first.start()
  second.start()
  await second.holds()
  await first.pauses.pause({ target: { topic: 'b' }, ...order })
  await first.pauses.resume({ target: { topic: 'b' }, ...order })
  await second.pauses.pause({ target: { topic: 'a' }, ...order })
  assert.deepEqual(second.held, [[], ['the topic b'], [], ['the topic a']])
})

test('nothing is known until it was read; what was known stays while it cannot be read', async (t) => {
  const { pod, state, clock } = createGroup(t)
  const before = pod()
  before.start()
  await before.pauses.pause({ target: { topic: 'a' }, ...order })
  state.failure = AWAY
  const own = pod()
  own.start()
  await waitFor(() => assert.ok(own.failures.length > 2))
  assert.deepEqual([own.held, own.log.lines], [[], []])
  assert.match(
    own.pauses.unknown ?? '',
    /so nothing is consumed: no broker answers there\. .*remedy/,
  )
  clock.elapsed += 10_000
  await waitFor(() =>
    assert.match(own.log.lines[0]?.text ?? '', /so nothing is consumed: no broker/),
  )
  assert.equal(own.pauses.age, null, 'nothing was ever read')
  state.failure = null
  await own.holds('the topic a')
  await waitFor(() => assert.deepEqual([own.pauses.unknown, own.pauses.age], [null, null]))
  state.failure = AWAY
  const seen = own.failures.length
  await waitFor(() => assert.ok(own.failures.length > seen))
  assert.equal(own.pauses.age, null, 'a coordinator may move')
  clock.elapsed += 20_000
  await waitFor(() => assert.ok(own.log.lines.length > 1))
  assert.ok((own.pauses.age ?? 0) >= 20_000)
  assert.deepEqual(own.held.at(-1), ['the topic a'])
  assert.equal(own.pauses.unknown, null)
})

test('what was known has its age while the broker hangs', async (t) => {
  const { pod, state, clock } = createGroup(t)
  const own = pod()
  own.start()
  await own.holds()
  state.hangs = true
  clock.elapsed += 30_000
  await waitFor(() => assert.ok((own.pauses.age ?? 0) >= 30_000))
  state.hangs = false
  await waitFor(() => assert.equal(own.pauses.age, null))
})

test('a pause of a topic that was deleted can be resumed, but not made', async (t) => {
  const { pod, state } = createGroup(t)
  const own = pod()
  own.start()
  await own.pauses.pause({ target: { topic: 'a' }, ...order })
  state.missing = 'a'
  const resumed = await own.pauses.resume({ target: { topic: 'a' }, ...order })
  assert.deepEqual(resumed.after, [])
  await own.holds()
  const again = own.pauses.pause({ target: { topic: 'a' }, ...order })
  await assert.rejects(again, { code: 'OCC_TOPIC_UNKNOWN' })
})

test('an operator is told where it could not be kept, and nothing is held then', async (t) => {
  const { pod, state } = createGroup(t)
  const own = pod()
  own.start()
  await own.holds()
  state.failure = REFUSED
  await assert.rejects(own.pauses.pause({ target: { topic: 'a' }, ...order }), REFUSED)
  assert.deepEqual(own.pauses.list(), [])
})

test('without the right to read it the service consumes, and says so once', async (t) => {
  const { pod, state } = createGroup(t)
  state.failure = REFUSED
  const own = pod()
  own.start()
  await own.holds()
  assert.equal(
    own.log.lines.filter(({ fields }) => fields.event === 'admin.pauses-unread').length,
    1,
  )
})

test('what is over is forgotten after a day, what has no end never', async (t) => {
  const { pod, notes, clock } = createGroup(t)
  const own = pod()
  own.start()
  await own.pauses.pause({ target: { topic: 'a', partition: 1 }, ...order, until: START + 5 })
  await own.pauses.pause({ target: { topic: 'b' }, ...order })
  clock.time += DAY + 10
  await own.pauses.pause({ target: { topic: 'a', partition: 2 }, ...order })
  await own.holds('partition 2 of a', 'the topic b')
  const late = pod()
  late.start()
  await late.holds('partition 2 of a', 'the topic b')
  assert.match(notes.get('b/0')?.text ?? '', /"topic":"b"/)
})

test('a word that lies elsewhere, because another topic was the first one then, does not come back', async (t) => {
  const { pod, notes, clock } = createGroup(t)
  const before = pod()
  before.start()
  await before.pauses.pause({ target: { handler: 'whale' }, ...order })
  await before.pauses.pause({ target: { handler: 'other' }, ...order })
  await before.pauses.stop()
  const after = pod({ topics: ['b', 'a'] })
  after.start()
  await after.pauses.resume({ target: { handler: 'whale' }, ...order })
  await waitFor(() => assert.doesNotMatch(notes.get('a/0')?.text ?? '', /whale/))
  clock.time += DAY + 10
  // Writes the note that still says that it was resumed.
  await after.pauses.pause({ target: { topic: 'b' }, ...order })
  assert.doesNotMatch(notes.get('b/0')?.text ?? '', /whale/)
  const late = pod({ topics: ['b', 'a'] })
  late.start()
  await late.holds('the handler other', 'the topic b')
})

test('a reason of as many characters as the API takes is read by the others, whatever they are', async (t) => {
  const { pod } = createGroup(t)
  const [first, second] = [pod(), pod()]
  first.start()
  second.start()
  const reason = '\u{1f433}'.repeat(200)
  await first.pauses.pause({ target: { topic: 'a' }, ...order, reason })
  await second.holds('the topic a')
  assert.equal(second.pauses.list()[0]?.reason, reason)
})

test('what is paused before the start, is told at the start', async (t) => {
  const { pod } = createGroup(t)
  const other = pod()
  other.start()
  await other.pauses.pause({ target: { handler: 'whale' }, ...order })
  const own = pod()
  await own.pauses.pause({ target: { topic: 'a' }, ...order })
  assert.deepEqual(own.held, [])
  own.start()
  assert.deepEqual(own.held, [['the handler whale', 'the topic a']])
})

test('what other software has written there is left alone', async (t) => {
  const { pod, notes } = createGroup(t)
  for (const [partition, text] of [
    'no JSON',
    '[]',
    '{"pauses":7}',
    '{"pauses":[{"topic":1}]}',
  ].entries()) {
    notes.set(`c/${partition}`, { topic: 'c', partition, text })
  }
  const own = pod()
  own.start()
  await own.holds()
  assert.equal(notes.size, 4)
})
