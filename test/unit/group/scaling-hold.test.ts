import assert from 'node:assert/strict'
import test from 'node:test'
import { scalingHold } from '../../../src/group/scaling-hold.ts'
import type { PauseTarget } from '../../../src/kernel/shapes/pause-target.ts'
import { circuitStatus, pauseOf } from '../../support/status.ts'

test('more pods do not help while a circuit is open, or an operator has paused something', () => {
  const trouble = { openedAt: 1, openings: 1, failuresInRow: 9, suspects: 9 }
  const holdOf = (state: 'closed' | 'open' | 'held', pauses: PauseTarget[]) =>
    scalingHold({
      circuits: [circuitStatus({ ...trouble, handler: 'whale', state })],
      pauses: pauses.map((target) => pauseOf(target)),
    })
  assert.equal(holdOf('closed', []), null)
  assert.equal(holdOf('open', []), 'the circuit of handler whale is open')
  assert.equal(holdOf('held', [{ handler: 'whale' }]), 'an operator has paused handler whale')
  const decoding = circuitStatus({ ...trouble, handler: '', topic: 'tron', state: 'open' })
  assert.equal(
    scalingHold({ circuits: [decoding], pauses: [] }),
    'nothing of topic tron can be decoded',
  )
  assert.equal(
    holdOf('closed', [{ topic: 'tron', partition: 3 }]),
    'an operator has paused partition 3 of tron',
  )
  assert.equal(
    holdOf('open', [{ topic: 'tron' }]),
    'the circuit of handler whale is open, and 1 more',
  )
})
