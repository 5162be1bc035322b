import assert from 'node:assert/strict'
import test from 'node:test'
import { judgeDue } from '../../../../src/flow/parked/judge-due.ts'
import { CodedError } from '../../../../src/kernel/errors.ts'
import {
  dead,
  later,
  OK,
  type Outcome,
  retry,
  skip,
} from '../../../../src/kernel/shapes/outcome.ts'
import { recordAt } from '../harness/harness.ts'

const AWAY = new CodedError('OCC_HANDLER', 'away', { retriable: true })
const OPTIONS = { attempts: 3, backoff: 1_000, maxBackoff: 3_000 }

function judge(outcome: Outcome, { attempts = 0, isDown = false } = {}) {
  const due = { handler: 'a,b', isReplay: false, times: 1, since: 0 }
  const claimed = { id: '1', claim: '1', record: recordAt(0, 7), attempts, holds: false, due }
  const verdict = judgeDue(claimed, outcome, OPTIONS, isDown)
  if (verdict.kind === 'again') {
    const { after, handler, attempts: failed } = verdict.how
    return `again in ${after} for ${handler} after ${failed}`
  }
  if (verdict.kind === 'dead') {
    return `dead for ${verdict.letter.handler} after ${verdict.letter.attempts}`
  }
  return verdict.kind
}

test('what becomes of a parked record that is handled again', () => {
  const failed = retry(AWAY, 'a')
  assert.deepEqual(
    [
      judge(OK),
      judge(skip('filtered')),
      judge(later(50, 'not yet', 'a'), { attempts: 2 }),
      judge(dead(AWAY, 'b')),
      judge(failed),
      judge(failed, { attempts: 1 }),
      judge(failed, { attempts: 2 }),
    ],
    [
      'ok',
      'skip',
      'again in 50 for a after 2',
      'dead for b after 1',
      'again in 1000 for a after 1',
      'again in 2000 for a after 2',
      'dead for a after 3',
    ],
  )
})

test('a failure that says nothing about the record is not counted, however often', () => {
  assert.deepEqual(
    [
      judge({ ...retry(AWAY, 'a', 60_000), fault: 'limit' }, { attempts: 2 }),
      judge(retry(AWAY, 'a'), { attempts: 2, isDown: true }),
    ],
    ['again in 60000 for a after 2', 'again in 2000 for a after 2'],
  )
})

test('the pause is what was asked for, not less than the backoff, which has an end', () => {
  assert.deepEqual(
    [judge(retry(AWAY, 'a', 10)), judge(retry(AWAY, 'a', 9_000))],
    ['again in 1000 for a after 1', 'again in 9000 for a after 1'],
  )
  const verdict = judgeDue(
    {
      ...{ id: '1', claim: '1', record: recordAt(0, 7), attempts: 7, holds: false },
      due: { handler: null, isReplay: false, times: 1, since: 0 },
    },
    retry(AWAY, null),
    { ...OPTIONS, attempts: 100 },
    false,
  )
  assert.equal(verdict.kind === 'again' && verdict.how.after, 3_000)
  assert.equal(verdict.kind === 'again' && verdict.how.handler, null)
})
