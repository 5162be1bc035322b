import assert from 'node:assert/strict'
import { test } from 'node:test'
import { leaveGroup } from '../../../../src/broker/group/leaving.ts'
import { code } from '../../../../src/broker/protocol/index.ts'
import { CodedError, OccError } from '../../../../src/kernel/errors.ts'
import { memberOptions } from '../../../support/consuming.ts'

/** A coordinator that answers these, one after the other; the last again and again. */
function setUp(answers: ReadonlyArray<number | OccError>, silence = 0) {
  let time = 100_000
  const asked: number[] = []
  const coordinator = {
    heardAt: time - silence,
    hasMoved: (error: number) => error === code.NOT_COORDINATOR,
    async send(_api: unknown, _request: unknown, _purpose: string, timeout: number) {
      const answer = answers[Math.min(asked.length, answers.length - 1)] ?? code.NONE
      asked.push(timeout)
      if (answer instanceof OccError) {
        time += timeout
        throw answer
      }
      return { error: answer }
    },
  }
  const options = memberOptions({ sessionTimeout: 10_000 })
  const parts = { coordinator, now: () => time } as Parameters<typeof leaveGroup>[0]
  return { asked, leave: (deadline: number) => leaveGroup(parts, options, 'id', time + deadline) }
}

const timeout = new CodedError('OCC_REQUEST_TIMEOUT', 'no answer', { retriable: true })

test('leaving is retried if the coordinator has moved, loads the group or does not answer', async () => {
  const { NOT_COORDINATOR, COORDINATOR_LOAD_IN_PROGRESS, NONE } = code
  const { asked, leave } = setUp([timeout, NOT_COORDINATOR, COORDINATOR_LOAD_IN_PROGRESS, NONE])
  assert.equal(await leave(5_000), null)
  assert.deepEqual(asked, [2_000, 2_000, 2_000, 2_000])
})

test('a member that is unknown to the coordinator has left', async () => {
  const { asked, leave } = setUp([code.UNKNOWN_MEMBER_ID])
  assert.equal(await leave(5_000), null)
  assert.equal(asked.length, 1)
})

test('the reason why the group was not told is returned at the deadline, or when the session ends', async () => {
  const late = setUp([timeout])
  assert.equal(await late.leave(5_000), 'no answer')
  assert.deepEqual(late.asked, [2_000, 2_000, 1_000])
  const over = setUp([timeout], 9_000)
  assert.equal(await over.leave(5_000), 'no answer')
  assert.equal(over.asked.length, 1)
})
