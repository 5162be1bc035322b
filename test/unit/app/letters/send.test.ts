import assert from 'node:assert/strict'
import test, { type TestContext } from 'node:test'
import type { Destination } from '../../../../src/app/letters/destination.ts'
import { dropLetters } from '../../../../src/app/letters/drop.ts'
import type { OpenedStore } from '../../../../src/app/letters/open.ts'
import { judge, type Selection } from '../../../../src/app/letters/selection.ts'
import { sendLetters } from '../../../../src/app/letters/send.ts'
import { OccError } from '../../../../src/kernel/errors.ts'
import { systemClock } from '../../../../src/kernel/time/clock.ts'
import { createFileStore } from '../../../../src/sink/dead-letters/file/store.ts'
import { createFileTarget } from '../../../../src/sink/dead-letters/file/target.ts'
import { letterOf, listed } from '../../../support/letters.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'

const ALL: Selection = { filter: {}, limit: 1e9, maxRedrives: 3, resend: false, batches: false }

/** Real files with letters in them, and a destination that does as it is told. */
async function setting(t: TestContext, count: number) {
  const folder = temporaryFolder(t)
  const sizes = { maxFileBytes: 1e9, maxFileAge: 1e9, maxBytes: 1e9 }
  const target = createFileTarget({ folder, ...sizes, writer: 'pod' }, systemClock)
  const offsets = Array.from({ length: count }, (_, offset) => offset)
  await Promise.all(offsets.map((offset) => target.keep(letterOf(offset))))
  const store = createFileStore({ folder, writer: 'cli' }, systemClock)
  const delivered: number[] = []
  const stop = new AbortController()

  function send(deliver?: Destination['deliver'], selection: Partial<Selection> = {}) {
    const destination: Destination = {
      text: 'somewhere',
      check: async () => {},
      async deliver(letters) {
        const results = await deliver?.(letters)
        delivered.push(...letters.map(({ record }) => record.offset))
        return results ?? letters.map(() => null)
      },
      close: async () => {},
    }
    // Only the store is used of what is opened.
    return sendLetters({ store } as OpenedStore, destination, {
      selection: { ...ALL, ...selection },
      rate: 0,
      signal: stop.signal,
      progress() {},
    })
  }
  return { store, delivered, stop, send, offsets }
}

test('all letters are sent in order and then removed', async (t) => {
  const { store, delivered, send, offsets } = await setting(t, 250)
  assert.deepEqual(await send(), {
    sent: 250,
    failed: 0,
    reasons: new Map(),
    interrupted: false,
  })
  assert.deepEqual(delivered, offsets)
  assert.deepEqual(await listed(store), [])
})

test('a batch with an unknown result is not sent again unless requested', async (t) => {
  const { store, delivered, send, offsets } = await setting(t, 250)
  let calls = 0
  const failing: Destination['deliver'] = async (letters) => {
    calls += 1
    if (calls === 2) throw new OccError('OCC_BROKER', 'the connection is gone')
    return letters.map(() => null)
  }
  await assert.rejects(send(failing), {
    code: 'OCC_REDRIVE_FAILED',
    message: /stopped after 100 letters; of the next 100, 100 may have been sent/,
  })
  assert.equal((await send()).sent, 50)
  const uncertain = await listed(store)
  assert.equal(uncertain.length, 100)
  assert.ok(uncertain.every(({ sendingSince }) => sendingSince !== null))
  assert.equal((await send(undefined, { resend: true })).sent, 100)
  assert.deepEqual(
    delivered.sort((a, b) => a - b),
    offsets,
  )
})

test('a batch that the brokers refused as a whole may be sent again', async (t) => {
  const { store, send } = await setting(t, 10)
  const refusing = async () => {
    throw new OccError('OCC_TOPIC_WRITE_NOT_AUTHORIZED', 'this user may not write')
  }
  await assert.rejects(send(refusing), { message: /none was sent.*may not write/ })
  assert.ok((await listed(store)).every(({ sendingSince }) => sendingSince === null))
})

test('refused letters stay, and each reason is reported once with its count', async (t) => {
  const { store, send } = await setting(t, 5)
  const result = await send(async (letters) =>
    letters.map(({ record }) => (record.offset >= 2 ? 'OCC_HANDLER: no' : null)),
  )
  assert.deepEqual([result.sent, result.failed], [2, 3])
  const left = await listed(store)
  const reasons = [...result.reasons]
  assert.deepEqual(reasons, [['OCC_HANDLER: no', { count: 3, id: left[0]?.id }]])
  assert.deepEqual(
    left.map(({ record, sendingSince }) => [record.offset, sendingSince]),
    [
      [2, null],
      [3, null],
      [4, null],
    ],
  )
})

test('Ctrl-C stops between two batches; the next run sends the rest', async (t) => {
  const { store, stop, send } = await setting(t, 250)
  const result = await send(async (letters) => {
    stop.abort()
    return letters.map(() => null)
  })
  assert.deepEqual([result.sent, result.interrupted], [100, true])
  const left = await listed(store)
  assert.equal(left.length, 150)
  assert.ok(left.every(({ sendingSince }) => sendingSince === null))
})

test('a letter with a damaged batch is not sent as a record, but can be dropped', async (t) => {
  const { store } = await setting(t, 1)
  const [letter] = await listed(store)
  assert.ok(letter)
  const batch = { ...letter, errorType: 'OCC_BATCH_CORRUPT' }
  assert.equal(judge(letter, ALL), 'wanted')
  assert.equal(judge(batch, ALL), 'no record')
  assert.equal(judge(batch, { ...ALL, batches: true }), 'wanted')
})

test('a drop that is cancelled leaves what it was not deleting yet', async (t) => {
  const { store, stop } = await setting(t, 250)
  let seen = 0
  const list: typeof store.list = async function* (...given) {
    for await (const letter of store.list(...given)) {
      if (++seen === 150) stop.abort()
      yield letter
    }
  }
  const opened = { store: { ...store, list } } as OpenedStore
  assert.equal(await dropLetters(opened, ALL, stop.signal, () => {}), 100)
  assert.equal((await listed(store)).length, 150)
})
