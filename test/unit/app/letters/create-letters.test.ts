import assert from 'node:assert/strict'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import { createLetters } from '../../../../src/app/letters/create-letters.ts'
import type { LetterAction, LetterOrder } from '../../../../src/http/api/letter-types.ts'
import type { DeadLetter } from '../../../../src/kernel/shapes/dead-letter.ts'
import { systemClock } from '../../../../src/kernel/time/clock.ts'
import { createFileStore } from '../../../../src/sink/dead-letters/file/store.ts'
import { createCapturedLog } from '../../../support/captured-log.ts'
import { letterTargetOf } from '../../../support/letter-target.ts'
import { letterOf, listed } from '../../../support/letters.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'

const ALICE = { who: 'alice', address: '192.0.2.1' }
const ALL: LetterOrder = { choice: {}, rate: 0, resend: false, maxRedrives: undefined }

/** Letters in files: 250 of the group of the service, and one of another. */
async function scene(t: TestContext, more: readonly DeadLetter[] = []) {
  const folder = join(temporaryFolder(t), 'letters')
  const env = {
    KAFKA_BOOTSTRAP_SERVERS: '127.0.0.1:1',
    KAFKA_TOPICS: 'transfers',
    KAFKA_GROUP_ID: 'transfers-group',
    OCC_DEAD_LETTERS_FILE_FOLDER: folder,
  }
  const { config, target } = letterTargetOf(env)
  const letters = Array.from({ length: 250 }, (_, offset) =>
    letterOf(offset, { handler: offset % 2 === 0 ? 'whale' : null }),
  )
  await Promise.all(
    [...letters, letterOf(0, { group: 'another' }), ...more].map((each) => target.keep(each)),
  )
  await target.close()
  const log = createCapturedLog()
  const { api, stop } = createLetters(config, { embedded: false, clock: systemClock, log })
  const store = createFileStore({ folder, writer: 'other' }, systemClock)

  async function ended(action: LetterAction) {
    while (api.work(action)?.state === 'running') await new Promise(setImmediate)
    return api.work(action)
  }
  const events = () => log.lines.map(({ fields: { event, state } }) => [event, state])
  return { api, stop, store, ended, events }
}

test('counted by kind; what is chosen is dropped, and nothing else', async (t) => {
  const { api, store, ended, events } = await scene(t)
  const { kinds, letters, others, cut } = await api.kinds()
  assert.deepEqual([letters, others, cut], [250, 1, null])
  assert.deepEqual(kinds.map((each) => [each.handler, each.letters]).sort(), [
    [null, 125],
    ['whale', 125],
  ])
  const order = { ...ALL, choice: { handler: null } }
  const plan = await api.plan('drop', order)
  assert.deepEqual([plan.wanted, plan.others], [125, 1])
  assert.equal((await listed(store)).length, 251, 'a plan changes nothing')
  assert.equal((await api.begin('drop', order, ALICE)).wanted, 125)
  const work = await ended('drop')
  assert.deepEqual([work?.state, work?.done], ['done', 125])
  const left = await listed(store)
  assert.equal(left.length, 126)
  assert.ok(left.every(({ handler, group }) => handler === 'whale' || group === 'another'))
  assert.deepEqual(events(), [
    ['admin.letters-begun', undefined],
    ['admin.letters-ended', 'done'],
  ])
})

test('one at a time: another one here, or where the lock is held, is refused and changes nothing', async (t) => {
  const { api, store, ended } = await scene(t)
  await store.lock({})
  await assert.rejects(api.begin('drop', ALL, ALICE), { code: 'OCC_DEAD_LETTERS_LOCKED' })
  assert.equal(api.work('drop'), null)
  await store.close()
  const first = api.begin('drop', ALL, ALICE)
  await assert.rejects(api.begin('redrive', ALL, ALICE), {
    code: 'OCC_DEAD_LETTERS_LOCKED',
    message: /a drop by alice, in this pod/,
  })
  await first
  assert.equal((await ended('drop'))?.done, 250)
})

test('a redrive that cannot begin is refused with its reason, and the next one may', async (t) => {
  const { api, store } = await scene(t)
  for (let count = 0; count < 2; count++) {
    await assert.rejects(api.begin('redrive', ALL, ALICE), /127\.0\.0\.1:1/)
  }
  assert.equal((await listed(store)).length, 251)
  assert.equal(api.work('redrive'), null)
  assert.equal(api.cancel('redrive', ALICE), false)
})

test('nothing begins in a service that stops', async (t) => {
  const { api, stop } = await scene(t)
  await stop()
  await assert.rejects(api.begin('drop', ALL, ALICE), /about to stop/)
})

test('a letter that fails after the beginning stays, also where nobody asked for a plan', async (t) => {
  const later = { handler: 'whale', failedAt: Date.now() + 3_600_000 }
  const { api, store, ended } = await scene(t, [letterOf(900, later)])
  assert.equal((await api.begin('drop', ALL, ALICE)).wanted, 250)
  assert.equal((await ended('drop'))?.done, 250)
  const left = await listed(store)
  assert.deepEqual(left.map(({ record }) => record.offset).sort(), [0, 900])
})

test('the end of the work can be asked for first and awaited later', async (t) => {
  const { api, store, stop } = await scene(t)
  await api.begin('drop', ALL, ALICE)
  const first = stop()
  assert.equal(stop(), first, 'the time that it may take is not given twice')
  await first
  assert.equal(api.work('drop')?.state, 'cancelled')
  await store.lock({})
  await store.close()
})
