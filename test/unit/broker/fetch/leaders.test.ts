import assert from 'node:assert/strict'
import test from 'node:test'
import { FetchState } from '../../../../src/broker/fetch/fetch-state.ts'
import { Leaders, type LeadersParts } from '../../../../src/broker/fetch/leaders.ts'

/** @param committed id of the topic that the committed offset belongs to @param known that of the metadata */
function setUp(committed: string | null, known: string | null) {
  let topicId = known
  const proven: string[] = []
  const parts = {
    metadata: {
      topic: () => topicId && { topic: 't', topicId, error: 0, partitions: new Map() },
      refreshSoon() {},
    },
    listener: { fetchFailed() {} },
    waitForLeader() {},
    prove: ({ name }: FetchState) => proven.push(name),
  } as unknown as LeadersParts
  const offset = { startOffset: 50, leaderEpoch: 0, metadata: '', finished: [] }
  const begun = { topic: 't', partition: 0, ...offset, topicId: committed }
  const state = new FetchState(begun, known)
  const leaders = new Leaders(parts)
  return {
    state,
    follow(id: string) {
      topicId = id
      leaders.follow(state)
      return state.isRecreated
    },
  }
}

test('an offset of a topic that the metadata lacks, as between two of the same name, is compared later', () => {
  assert.equal(setUp('old', null).follow('new'), true)
  assert.equal(setUp('old', null).follow('old'), false)
})

test('an offset without an id is of the topic that the metadata shows first', () => {
  const { follow } = setUp(null, null)
  assert.equal(follow('one'), false)
  assert.equal(follow('one'), false)
  assert.equal(follow('another'), true)
})
