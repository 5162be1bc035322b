import assert from 'node:assert/strict'
import test from 'node:test'
import { allOrNothing, createBudget } from '../../../../src/app/letters/budget.ts'

test('a reading ends when it holds too much or takes too long, and says which', async () => {
  const budget = createBudget(60_000)
  assert.deepEqual([await budget.goesOn(50_000), budget.cut], [true, null])
  assert.deepEqual([await budget.goesOn(50_001), budget.cut], [false, 'there are more than 50,000'])
  const late = createBudget(-1)
  assert.equal(await late.goesOn(1), false)
  assert.match(`${late.cut}`, /to read$/)
})

test('work that must know every letter is refused; one that was cancelled ends', async () => {
  const goesOn = allOrNothing(createBudget(60_000))
  assert.equal(await goesOn(1), true)
  await assert.rejects(async () => goesOn(50_001), {
    code: 'OCC_DEAD_LETTERS_MANY',
    message: /more than 50,000.*onchain-consumer dlq/,
  })
  const stop = new AbortController()
  const stoppable = allOrNothing(createBudget(60_000, stop.signal))
  stop.abort()
  assert.equal(await stoppable(1), false)
})
