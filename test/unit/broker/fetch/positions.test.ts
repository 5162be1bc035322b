import assert from 'node:assert/strict'
import test from 'node:test'
import { FetchState } from '../../../../src/broker/fetch/fetch-state.ts'
import { Positions, type PositionsParts } from '../../../../src/broker/fetch/positions.ts'
import { code } from '../../../../src/broker/protocol/index.ts'
import type { OffsetRange } from '../../../../src/broker/types.ts'
import { createCapturedLog } from '../../../support/captured-log.ts'

interface Answers {
  /** Of ListOffsets, in their order: an error code, or the offset. */
  readonly offsets: Array<{ readonly error?: number; readonly offset?: number }>
  /** Of OffsetForLeaderEpoch; -1: not known. */
  readonly epochEnd?: number
}

function setUp({ offsets, epochEnd = -1 }: Answers) {
  const heard = { moved: [] as number[], cut: [] as number[][], waits: 0, goesOn: 0 }
  const answer = (name: string) => {
    if (name === 'OffsetForLeaderEpoch') {
      return {
        topics: [{ topic: 't', partitions: [{ partition: 0, error: 0, endOffset: epochEnd }] }],
      }
    }
    const { error = code.NONE, offset = -1 } = offsets.shift() ?? {}
    return {
      topics: [{ topic: 't', partitions: [{ partition: 0, error, offset, leaderEpoch: 0 }] }],
    }
  }
  const log = createCapturedLog()
  const parts = {
    options: { name: 'member' },
    links: { get: () => ({ send: async ({ name }: { name: string }) => answer(name) }) },
    metadata: {
      partition: () => ({ partition: 0, leader: 1, leaderEpoch: 3 }),
      refresh: async () => {},
      refreshSoon() {},
      topic: () => ({ topic: 't', topicId: 'id' }),
      partitionsOf: () => [0],
    },
    listener: {
      moved: (_: unknown, offset: number) => heard.moved.push(offset),
      recordsLost() {},
      recordsCut: ({ from, to }: OffsetRange) => heard.cut.push([from, to]),
    },
    requestTimeout: 1_000,
    log,
    goOn: () => {
      heard.goesOn += 1
    },
    wait: () => {
      heard.waits += 1
    },
  } as unknown as PositionsParts
  return { heard, log, positions: new Positions(parts) }
}

/** @param beyond the last of what an earlier assignment finished beyond it */
function stateAt(
  startOffset: number,
  leaderEpoch: number,
  beyond?: { readonly to: number; readonly epoch: number },
): FetchState {
  const assigned = {
    topic: 't',
    partition: 0,
    startOffset,
    leaderEpoch,
    metadata: '',
    finished: beyond === undefined ? [] : [{ from: startOffset + 1, to: beyond.to }],
    topicId: null,
    ...(beyond && { finishedEpoch: beyond.epoch }),
  }
  const state = new FetchState(assigned, 'id')
  state.leader = 1
  state.leaderEpoch = 3
  return state
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 5))

test('a recreated topic stays marked as such until its first offset is known', async () => {
  const state = stateAt(50, -1)
  state.isRecreated = true
  state.isUnproven = true
  const { heard, positions } = setUp({
    offsets: [{ error: code.LEADER_NOT_AVAILABLE }, { offset: 0 }],
  })
  positions.prove(state)
  await settled()
  assert.equal(heard.waits, 1)
  assert.equal(state.isUnproven, true, 'nothing is fetched at the old position')
  positions.prove(state)
  await settled()
  assert.equal(state.isUnproven, false)
  assert.deepEqual(heard.moved, [0])
})

test('a topic recreated while a leader is asked for its log end is read from its first record', async () => {
  const state = stateAt(50, 2)
  state.isUnproven = true
  const { heard, positions } = setUp({ offsets: [{ offset: 0 }], epochEnd: 7 })
  positions.prove(state)
  state.isRecreated = true
  positions.prove(state)
  await settled()
  assert.deepEqual(heard.moved, [0], 'the end of an epoch of the topic before means nothing')
  assert.equal(state.isRecreated, false)
  assert.equal(state.isUnproven, false)
})

test('beyond the end: continues where the last epoch ends, not at the end of newer records', async () => {
  const state = stateAt(150, 2)
  const { heard, positions } = setUp({ offsets: [{ offset: 0 }, { offset: 120 }], epochEnd: 100 })
  positions.recover(state)
  await settled()
  assert.deepEqual(heard.moved, [100])
  assert.deepEqual(heard.cut, [[100, 150]])
})

test('beyond the end, and not known since when: the whole log is read again', async () => {
  const state = stateAt(150, -1)
  const { heard, positions } = setUp({ offsets: [{ offset: 10 }, { offset: 120 }] })
  positions.recover(state)
  await settled()
  assert.deepEqual(heard.moved, [10])
  assert.deepEqual(heard.cut, [])
})

for (const leaderEpoch of [-1, 2]) {
  test(`finished beyond the position, whose epoch is ${leaderEpoch}, and cut off there: it is handled again`, async () => {
    const state = stateAt(50, leaderEpoch, { to: 90, epoch: 2 })
    const { heard, positions } = setUp({ offsets: [], epochEnd: 70 })
    positions.prove(state)
    await settled()
    assert.deepEqual(heard.moved, [50])
    assert.deepEqual(heard.cut, [[70, 90]])
    positions.prove(state)
    await settled()
    assert.deepEqual(heard.moved, [50], 'once')
  })
}

test('finished beyond the position, and the log has it: nothing moves, and commits carry its epoch', async () => {
  const state = stateAt(50, 1, { to: 90, epoch: 2 })
  const { heard, positions } = setUp({ offsets: [], epochEnd: 90 })
  positions.prove(state)
  await settled()
  assert.deepEqual([heard.moved, heard.cut], [[], []])
  assert.deepEqual(
    [state.epochBefore(50), state.epochBefore(90), state.epochBefore(91)],
    [1, 2, -1],
  )
})

test('the epoch of the record before an offset', () => {
  const state = stateAt(100, 2)
  assert.equal(state.epochBefore(100), 2)
  assert.equal(state.epochBefore(99), -1, 'not of what this assignment read')
  state.readEpochs([{ from: 100, epoch: 2 }])
  state.position = 110
  state.readEpochs([
    { from: 110, epoch: 4 },
    { from: 115, epoch: 5 },
  ])
  state.position = 120
  assert.equal(state.epochBefore(110), 2)
  assert.equal(state.epochBefore(111), 4)
  assert.equal(state.epochBefore(116), 5)
  assert.equal(state.lastEpoch, 5)
  assert.equal(state.epochBefore(121), -1, 'it was not read')
  // Fetched again from there on.
  state.seek(112)
  assert.equal(state.lastEpoch, 4)
  state.readEpochs([{ from: 112, epoch: 6 }])
  state.position = 116
  assert.equal(state.epochBefore(116), 6)
  state.forgetEpochs()
  assert.equal(state.lastEpoch, -1)
})

test('one lost record is told as one, several with the offsets of the first and the last', async () => {
  for (const [first, said] of [
    [11, 'Lost 1 record of t partition 0: retention deleted offset 10 before it was read.'],
    [
      13,
      'Lost 3 records of t partition 0: retention deleted offsets 10 to 12 before they were read.',
    ],
  ] as const) {
    const { log, positions } = setUp({ offsets: [{ offset: first }, { offset: 20 }] })
    positions.recover(stateAt(10, -1))
    await settled()
    const line = log.lines.find(({ fields }) => fields.event === 'records.lost')
    assert.equal(line?.text, `${said} Continuing at ${first}.`)
  }
})
