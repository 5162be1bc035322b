import assert from 'node:assert/strict'
import test, { type TestContext } from 'node:test'
import { createProgressLog } from '../../../src/app/progress-log.ts'
import { createMeters } from '../../../src/observe/meters/meters.ts'
import type { PartitionStatus } from '../../../src/observe/types.ts'
import { createCapturedLog } from '../../support/captured-log.ts'
import { partitionStatus, serviceStatus } from '../../support/status.ts'

/** A service whose partitions and counters the test sets, and seconds that pass at once. */
function setting(t: TestContext) {
  t.mock.timers.enable({ apis: ['setInterval', 'Date'], now: 0 })
  const log = createCapturedLog()
  const { lines } = log
  const meters = createMeters()
  let partitions: PartitionStatus[] = []
  const clock = { now: () => Date.now(), monotonic: () => Date.now() }
  const status = { status: () => serviceStatus({ partitions }) }
  const progress = createProgressLog({ meters, status, clock, log })
  progress.start()
  t.after(() => progress.stop())
  return {
    lines,
    progress,
    meter: meters.topic('solana.transfers'),
    ownMeter: meters.ofGroup('app.slack').topic('solana.transfers'),
    set(...changes: Partial<PartitionStatus>[]) {
      partitions = changes.map((one) => partitionStatus(one))
    },
    /** Second by second: within one tick the mocked time does not pass. */
    pass(seconds: number) {
      for (let second = 0; second < seconds; second++) t.mock.timers.tick(1_000)
    },
    events: () => lines.map(({ fields }) => fields.event),
  }
}

test('every 30 s a line with the rate, the lag and the totals; none while the stream is idle', (t) => {
  const { lines, meter, set, pass, events } = setting(t)
  set({ lag: 12_000, pausedBy: 'circuit' }, { partition: 1, lag: 345 })
  meter.records += 3_000
  meter.bytes += 90_000_000
  meter.handled += 2_990
  meter.skipped += 4
  for (let letter = 0; letter < 6; letter++) meter.failedRecords.count('OCC_JSON')
  pass(29)
  assert.deepEqual(events(), [])
  pass(1)
  assert.deepEqual(events(), ['service.progress'])
  assert.match(
    lines[0]?.text ?? '',
    /^100 records\/s, 3 MB\/s, lag 12,345, 2 partitions, 1 wait \(see \/lag\); so far 2,990 handled, 4 skipped, 6 dead letters$/,
  )
  // It stands still, and that is worth a line. An idle stream is not.
  pass(30)
  assert.match(lines[1]?.text ?? '', /^0 records\/s, 0 MB\/s, lag 12,345/)
  set({ lag: 0 })
  pass(90)
  assert.equal(lines.length, 2)
})

test('the groups of handlers are in it: each handles the records of its own', (t) => {
  const { lines, meter, ownMeter, set, pass } = setting(t)
  set({ lag: 5 })
  meter.handled += 30
  ownMeter.handled += 12
  pass(30)
  assert.match(lines[0]?.text ?? '', /so far 42 handled, 0 skipped/)
})

test('a line when all partitions are caught up: the first time, and after 30 s behind', (t) => {
  const { meter, set, pass, events, progress } = setting(t)
  set({ caughtUp: true }, { partition: 1, caughtUp: false })
  pass(5)
  assert.deepEqual(events(), [])
  meter.handled += 7
  set({ caughtUp: true, lag: 0 }, { partition: 1, caughtUp: true, lag: 0 })
  pass(5)
  assert.deepEqual(events(), ['service.caught-up'])
  // A stream that flows: behind for a moment, again and again.
  for (let round = 0; round < 5; round++) {
    set({ caughtUp: false, lag: 0 })
    pass(1)
    set({ caughtUp: true, lag: 0 })
    pass(1)
  }
  assert.deepEqual(events(), ['service.caught-up'])
  set({ caughtUp: false, lag: 0 })
  pass(31)
  set({ caughtUp: true, lag: 0 })
  pass(1)
  const said = events().filter((event) => event === 'service.caught-up')
  assert.equal(said.length, 2)
  assert.equal(progress.totals().text, 'In 52 s: 7 handled, 0 skipped, 0 dead letters.')
})
