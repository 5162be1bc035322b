import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  apiVersionsApi,
  fetchApi,
  listOffsetsApi,
  logDirsApi,
  metadataApi,
  offsetForLeaderEpochApi,
  Reader,
} from '../../../../src/broker/protocol/index.ts'
import { type Answer, checkAnswers, THROTTLE } from './answers.ts'

const uuid = '00112233445566778899aabbccddeeff'

/** Written by hand after https://kafka.apache.org/protocol. */
checkAnswers([
  [
    metadataApi,
    7,
    `${THROTTLE} 00000002  00000001 0001 68 00002384 ffff  00000002 0001 69 00002385 0001 72
     0002 6964 00000001
     00000001 0000 0001 74 00 00000002
       0000 00000000 00000001 00000009  00000002 00000001 00000002  00000001 00000001  00000000
       0005 00000001 ffffffff ffffffff  00000000  00000000  00000001 00000002`,
    {
      throttle: 5,
      brokers: [
        { id: 1, host: 'h', port: 9092, rack: null },
        { id: 2, host: 'i', port: 9093, rack: 'r' },
      ],
      controllerId: 1,
      topics: [
        {
          error: 0,
          topic: 't',
          topicId: null,
          partitions: [
            { error: 0, partition: 0, leader: 1, leaderEpoch: 9, replicas: [1, 2], inSync: [1] },
            { error: 5, partition: 1, leader: -1, leaderEpoch: -1, replicas: [], inSync: [] },
          ],
        },
      ],
    },
  ],
  [
    metadataApi,
    5,
    `${THROTTLE} 00000000 ffff ffffffff
     00000001 0000 0001 74 00 00000001  0000 00000000 00000001 00000000 00000000 00000000`,
    {
      throttle: 5,
      brokers: [],
      controllerId: -1,
      topics: [
        {
          error: 0,
          topic: 't',
          topicId: null,
          partitions: [
            { error: 0, partition: 0, leader: 1, leaderEpoch: -1, replicas: [], inSync: [] },
          ],
        },
      ],
    },
  ],
  ...[10, 12].map(
    (version): Answer => [
      metadataApi,
      version,
      `${THROTTLE} 02 00000001 02 68 00002384 00 00  03 6964 00000001
     03 0000 02 74 ${uuid} 00
          02 0000 00000000 00000001 00000009 03 00000001 00000002 02 00000001 01 00
        80000000 00
        0003 02 75 ${'00'.repeat(16)} 00 01 80000000 00
     ${version === 10 ? '80000000' : ''} 01 2a 02 ffff`,
      {
        throttle: 5,
        brokers: [{ id: 1, host: 'h', port: 9092, rack: null }],
        controllerId: 1,
        topics: [
          {
            error: 0,
            topic: 't',
            topicId: '00112233-4455-6677-8899-aabbccddeeff',
            partitions: [
              { error: 0, partition: 0, leader: 1, leaderEpoch: 9, replicas: [1, 2], inSync: [1] },
            ],
          },
          { error: 3, topic: 'u', topicId: null, partitions: [] },
        ],
      },
    ],
  ),
  [
    logDirsApi,
    1,
    `${THROTTLE} 00000001 0000 0002 2f64 00000001 0001 74 00000001 00000003 0000000000000100 0000000000000000 00`,
    {
      throttle: 5,
      folders: [
        {
          error: 0,
          topics: [{ topic: 't', partitions: [{ partition: 3, size: 256, isFuture: false }] }],
        },
      ],
    },
  ],
  [
    listOffsetsApi,
    5,
    `${THROTTLE} 00000001 0001 74 00000001 00000001 0000 7fffffffffffffff 0000000000000100 00000004`,
    {
      throttle: 5,
      topics: [
        {
          topic: 't',
          partitions: [{ partition: 1, error: 0, timestamp: 2 ** 63, offset: 256, leaderEpoch: 4 }],
        },
      ],
    },
  ],
  [
    offsetForLeaderEpochApi,
    3,
    `${THROTTLE} 00000001 0001 74 00000001 004a 00000001 00000004 0000000000000100`,
    {
      throttle: 5,
      topics: [
        {
          topic: 't',
          partitions: [{ error: 74, partition: 1, leaderEpoch: 4, endOffset: 256 }],
        },
      ],
    },
  ],
  [
    fetchApi,
    11,
    `${THROTTLE} 0000 00000009 00000001 0001 74 00000002
     00000000 0000 0000000000000100 00000000000000f0 0000000000000001
       00000001 7fffffffffffffff 0000000000000010  ffffffff 00000003 aabbcc
     00000001 0001 ffffffffffffffff ffffffffffffffff ffffffffffffffff ffffffff 00000002 ffffffff`,
    {
      throttle: 5,
      error: 0,
      sessionId: 9,
      topics: [
        {
          topic: 't',
          partitions: [
            {
              partition: 0,
              error: 0,
              highWatermark: 256,
              lastStableOffset: 240,
              logStartOffset: 1,
              aborted: [{ producerId: 2n ** 63n - 1n, firstOffset: 16 }],
              preferredReadReplica: -1,
              records: Buffer.from('aabbcc', 'hex'),
            },
            {
              partition: 1,
              error: 1,
              highWatermark: -1,
              lastStableOffset: -1,
              logStartOffset: -1,
              aborted: [],
              preferredReadReplica: 2,
              records: Buffer.alloc(0),
            },
          ],
        },
      ],
    },
  ],
  [
    apiVersionsApi,
    2,
    `0000 00000001 0001 0004 000b ${THROTTLE}`,
    { throttle: 5, error: 0, apis: [{ key: 1, min: 4, max: 11 }] },
  ],
  [
    apiVersionsApi,
    0,
    '0000 00000001 0001 0004 000b',
    { throttle: 0, error: 0, apis: [{ key: 1, min: 4, max: 11 }] },
  ],
])

test('the records of a fetch share the memory of its answer', () => {
  const bytes = Buffer.from(
    `${THROTTLE}0000000000000000000100017400000001${'00'.repeat(30)}ffffffffffffffff00000001aa`,
    'hex',
  )
  const answer = fetchApi.decode(new Reader(bytes), 11)
  const records = answer.topics[0]?.partitions[0]?.records
  bytes[bytes.length - 1] = 0xbb
  assert.equal(records?.[0], 0xbb)
})
