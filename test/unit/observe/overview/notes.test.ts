import assert from 'node:assert/strict'
import test from 'node:test'
import { circuitStatus } from '../../../support/status.ts'
import { AT_1402, type Changes, inHandlers, NOW, part, told } from './situation.ts'

const DAY = 86_400_000
const certificate = (days: number) => ({
  name: 'client' as const,
  subject: 'CN=me',
  notAfter: NOW + days * DAY,
})

/** What is true beside a stream that flows, and the note about it. */
const cases: ReadonlyArray<readonly [Changes, string]> = [
  [
    { counts: { lost: 1_234 }, grewAt: { lost: AT_1402 } },
    'lost critical Lost: 1,234 records were deleted before they were read, the last at 14:02 UTC',
  ],
  [
    { counts: { lost: 1 }, grewAt: { lost: AT_1402 } },
    'lost critical Lost: 1 record was deleted before it was read, the last at 14:02 UTC',
  ],
  [
    { counts: { cut: 1 }, grewAt: { cut: AT_1402 } },
    'cut critical Cut off: 1 record that was read is no longer in the log, since 14:02 UTC',
  ],
  [
    { certificates: [certificate(-1)] },
    'certificate-expired critical Expired: the certificate CN=me; new connections will fail',
  ],
  [
    { certificates: [certificate(13.5)] },
    'certificate-expiring warning The certificate CN=me expires in 13 days',
  ],
  [
    {
      sinks: new Map([
        ['slack', { up: 0, waiting: 3 }],
        ['file', { up: 1, waiting: 0 }],
      ]),
    },
    'sink-down warning Sink slack takes nothing: records whose results go there wait',
  ],
  [
    {
      hanging: new Map([
        ['whale', 2],
        ['db', 0],
      ]),
    },
    'handler-hangs warning Calls of handler whale do not end, long after their timeout',
  ],
  [
    { partitions: [part(4, 'ok', {}, { oldestInFlightSeconds: 301 })] },
    'in-flight-long warning A record of t/4 is in flight for 5m 01s',
  ],
  [
    {
      partitions: [
        part(4, 'ok', { oldest: inHandlers() }, { oldestInFlightSeconds: 301 }),
        part(5, 'ok', { oldest: inHandlers('a', 'b') }, { oldestInFlightSeconds: 302 }),
      ],
    },
    'in-flight-long warning A record of t/4 and t/5 is in flight for 5m 02s in handlers a and b',
  ],
  [
    { grown: { failedCommits: 1 } },
    'commits-fail warning Commits fail: records are handled, but after a restart they are handled again',
  ],
  [
    { status: { config: { valid: false, pendingRestart: [] } } },
    'config-invalid warning The changed configuration is not valid, and is ignored',
  ],
  [
    { status: { config: { valid: true, pendingRestart: ['http.port', 'kafka.topics'] } } },
    'config-waits info Waits for a restart: http.port and kafka.topics',
  ],
  [
    { grown: { dead: 214 } },
    'dead-letters warning 214 records became dead letters in the last 15 minutes',
  ],
  [
    { grown: { dead: 1 } },
    'dead-letters warning 1 record became a dead letter in the last 15 minutes',
  ],
  [
    { status: { parked: [{ records: 40, due: 1, nextDueAt: AT_1402, countedAt: NOW - 10_000 }] } },
    'parked-overdue warning 1 parked record waits although it is due, the first since 14:02 UTC',
  ],
  [
    {
      status: {
        parked: [
          { records: 40, due: 3, nextDueAt: AT_1402, countedAt: NOW },
          { group: 'own', records: 9, due: 2, nextDueAt: NOW - 299_000, countedAt: NOW },
        ],
      },
    },
    'parked-overdue warning 3 parked records wait although they are due, the first since 14:02 UTC',
  ],
  [
    {
      status: {
        parked: [{ records: 40, due: 2, nextDueAt: AT_1402 - 60_000, countedAt: AT_1402 }],
      },
    },
    'parked-overdue warning 2 parked records wait although they are due, the first since 14:01 UTC, as counted at 14:02 UTC',
  ],
  [
    { grown: { workersReplaced: 3 } },
    'workers-die warning 3 worker threads died or hung in the last 15 minutes',
  ],
  [
    { grown: { throttledSeconds: 75 } },
    'throttled warning The brokers throttle this pod for 25 % of the time',
  ],
  [
    { grown: { rebalances: 11 } },
    'rebalance-storm warning The group keeps rebalancing: 11 times in 10 minutes',
  ],
  [
    { grown: { droppedLines: 1 } },
    'log-lost warning 1 line of the log could not be written in the last 15 minutes',
  ],
  [
    { grown: { strays: 2 } },
    'stray-errors warning 2 errors outside the promise of a handler in the last 15 minutes',
  ],
]

for (const [changes, expected] of cases) {
  test(`the note: ${expected}`, () => {
    const { sentence, notes } = told(changes)
    assert.equal(sentence.name, 'keeping-up')
    assert.deepEqual(
      notes.map(({ name, level, text }) => `${name} ${level} ${text}`),
      [expected],
    )
  })
}

test('nothing is noted below the limits of the alerts', () => {
  const { notes } = told({
    grewAt: { lost: NOW - 61 * 60_000, cut: NOW - 61 * 60_000 },
    certificates: [certificate(14.5)],
    grown: { workersReplaced: 2, throttledSeconds: 60, rebalances: 10 },
    partitions: [part(4, 'ok', {}, { oldestInFlightSeconds: 299 })],
    status: { parked: [{ records: 9, due: 2, nextDueAt: NOW - 299_000, countedAt: NOW }] },
  })
  assert.deepEqual(notes, [])
})

test('a record in flight is not noted while a circuit holds everything', () => {
  const { sentence, notes } = told({
    status: { circuits: [circuitStatus({ handler: 'whale', state: 'open', openedAt: AT_1402 })] },
    partitions: [part(4, 'held', {}, { oldestInFlightSeconds: 900 })],
  })
  assert.deepEqual([sentence.name, notes], ['circuit-open', []])
})

test('the worst note is first', () => {
  const { notes } = told({
    status: { config: { valid: true, pendingRestart: ['http.port'] } },
    grown: { dead: 1 },
    certificates: [certificate(-1)],
  })
  assert.deepEqual(
    notes.map(({ level }) => level),
    ['critical', 'warning', 'info'],
  )
})
