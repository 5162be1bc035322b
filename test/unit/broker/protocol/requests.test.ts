import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { test } from 'node:test'
import {
  type Api,
  apiVersionsApi,
  describeGroupsApi,
  EARLIEST,
  fetchApi,
  findCoordinatorApi,
  heartbeatApi,
  joinGroupApi,
  leaveGroupApi,
  listOffsetsApi,
  metadataApi,
  offsetCommitApi,
  offsetFetchApi,
  offsetForLeaderEpochApi,
  syncGroupApi,
  Writer,
} from '../../../../src/broker/protocol/index.ts'

interface KafkajsRequest {
  readonly apiKey: number
  readonly apiVersion: number
  encode(): Promise<{ readonly buffer: Buffer }>
}

const require = createRequire(import.meta.url)

function encoded<Request>(api: Api<Request, unknown>, request: Request, version: number): string {
  assert.ok(api.versions.includes(version), `${api.name} v${version} is written`)
  const writer = new Writer()
  api.encode(writer, request, version)
  return writer.buffer.toString('hex')
}

/** Compares with what kafkajs writes for the same version. */
async function likeKafkajs<Request>(
  api: Api<Request, unknown>,
  request: Request,
  path: string,
  options: object,
): Promise<void> {
  const made: KafkajsRequest = require(`kafkajs/src/protocol/requests/${path}/request`)(options)
  assert.equal(api.key, made.apiKey)
  const expected = await made.encode()
  assert.equal(encoded(api, request, made.apiVersion), expected.buffer.toString('hex'))
}

const member = { groupId: 'group', generation: 7, memberId: 'me', groupInstanceId: null }
const metadata = Buffer.from('metadata')

test('FindCoordinator, as kafkajs writes it', async () => {
  const options = { coordinatorKey: 'grüppe', coordinatorType: 0 }
  await likeKafkajs(findCoordinatorApi, { groupId: 'grüppe' }, 'findCoordinator/v1', options)
  await likeKafkajs(findCoordinatorApi, { groupId: 'grüppe' }, 'findCoordinator/v2', options)
})

for (const groupInstanceId of [null, 'pod-0']) {
  const who = { ...member, groupInstanceId }

  test(`joining and leaving with the instance id ${groupInstanceId}, as kafkajs does`, async () => {
    const protocols = [
      { name: 'cooperative-sticky', metadata },
      { name: 'range', metadata: Buffer.alloc(1000, 1) },
    ]
    const timeouts = { sessionTimeout: 10_000, rebalanceTimeout: 60_000 }
    const join = { ...timeouts, groupId: 'group', memberId: '', groupInstanceId }
    await likeKafkajs(joinGroupApi, { ...join, protocols }, 'joinGroup/v5', {
      ...join,
      protocolType: 'consumer',
      groupProtocols: protocols,
    })
    const leave = { groupId: 'group', memberId: 'me', groupInstanceId }
    await likeKafkajs(leaveGroupApi, leave, 'leaveGroup/v3', {
      groupId: 'group',
      members: [{ memberId: 'me', groupInstanceId }],
    })
  })

  test(`SyncGroup and Heartbeat with the instance id ${groupInstanceId}, as kafkajs`, async () => {
    const assignments = [{ memberId: 'me', assignment: metadata }]
    await likeKafkajs(syncGroupApi, { ...who, assignments }, 'syncGroup/v3', {
      ...who,
      generationId: 7,
      groupAssignment: [{ memberId: 'me', memberAssignment: metadata }],
    })
    await likeKafkajs(heartbeatApi, who, 'heartbeat/v3', { ...who, groupGenerationId: 7 })
  })
}

test('Fetch, as kafkajs writes it', async () => {
  const request = {
    maxWait: 500,
    minBytes: 1,
    maxBytes: 50_000_000,
    sessionId: 9,
    sessionEpoch: 3,
    rackId: 'eu-1a',
  }
  const forgotten = [{ topic: 'gone', partitions: [4, 5] }]
  for (const readUncommitted of [true, false]) {
    const partitions = [
      { partition: 0, leaderEpoch: 5, offset: 2 ** 40, maxBytes: 1_000_000 },
      { partition: 1, leaderEpoch: -1, offset: 0, maxBytes: 1 },
    ]
    const topics = [{ topic: 'solana', partitions }]
    await likeKafkajs(fetchApi, { ...request, readUncommitted, topics, forgotten }, 'fetch/v11', {
      ...request,
      replicaId: -1,
      maxWaitTime: 500,
      isolationLevel: readUncommitted ? 0 : 1,
      forgottenTopics: forgotten,
      topics: topics.map(({ topic }) => ({
        topic,
        partitions: partitions.map((it) => ({
          partition: it.partition,
          currentLeaderEpoch: it.leaderEpoch,
          fetchOffset: it.offset,
          maxBytes: it.maxBytes,
        })),
      })),
    })
  }
})

test('ApiVersions, as kafkajs writes it', async () => {
  await likeKafkajs(apiVersionsApi, {}, 'apiVersions/v0', {})
  await likeKafkajs(apiVersionsApi, {}, 'apiVersions/v2', {})
})

/** Written by hand after https://kafka.apache.org/protocol: kafkajs has older versions only. */
const byHand: ReadonlyArray<[what: string, written: string, expected: string]> = [
  ['Metadata v7', encoded(metadataApi, { topics: ['ab'] }, 7), '00000001 0002 6162 00'],
  ['Metadata v7, all topics', encoded(metadataApi, { topics: null }, 7), 'ffffffff 00'],
  ['Metadata v12, all topics', encoded(metadataApi, { topics: null }, 12), '00 00 00 00'],
  ['Metadata v7 of no topic', encoded(metadataApi, { topics: [] }, 7), '00000000 00'],
  [
    'Metadata v10',
    encoded(metadataApi, { topics: ['ab'] }, 10),
    `02 ${'00'.repeat(16)} 03 6162 00  00 00 00 00`,
  ],
  [
    'Metadata v12',
    encoded(metadataApi, { topics: ['ab'] }, 12),
    `02 ${'00'.repeat(16)} 03 6162 00  00 00 00`,
  ],
  ['Metadata v12 of no topic', encoded(metadataApi, { topics: [] }, 12), '01 00 00 00'],
  [
    'OffsetCommit v7',
    encoded(
      offsetCommitApi,
      {
        ...member,
        topics: [
          {
            topic: 't',
            partitions: [
              { partition: 1, offset: 256, leaderEpoch: 3, metadata: 'm' },
              { partition: 2, offset: 0, leaderEpoch: -1, metadata: null },
            ],
          },
        ],
      },
      7,
    ),
    '0005 67726f7570 00000007 0002 6d65 ffff 00000001 0001 74 00000002' +
      '00000001 0000000000000100 00000003 0001 6d 00000002 0000000000000000 ffffffff ffff',
  ],
  [
    'OffsetFetch v5',
    encoded(offsetFetchApi, { groupId: 'g', topics: [{ topic: 't', partitions: [1, 2] }] }, 5),
    '0001 67 00000001 0001 74 00000002 00000001 00000002',
  ],
  [
    'OffsetFetch v5 of all',
    encoded(offsetFetchApi, { groupId: 'g', topics: null }, 5),
    '0001 67 ffffffff',
  ],
  [
    'ListOffsets v5',
    encoded(
      listOffsetsApi,
      {
        readUncommitted: false,
        topics: [
          { topic: 't', partitions: [{ partition: 1, leaderEpoch: 4, timestamp: EARLIEST }] },
        ],
      },
      5,
    ),
    'ffffffff 01 00000001 0001 74 00000001 00000001 00000004 fffffffffffffffe',
  ],
  ...[2, 3].map((version): [string, string, string] => [
    `OffsetForLeaderEpoch v${version}`,
    encoded(
      offsetForLeaderEpochApi,
      {
        topics: [
          {
            topic: 't',
            partitions: [{ partition: 1, currentLeaderEpoch: 5, leaderEpoch: 4 }],
          },
        ],
      },
      version,
    ),
    `${version === 3 ? 'ffffffff' : ''} 00000001 0001 74 00000001 00000001 00000005 00000004`,
  ]),
  [
    'DescribeGroups v4',
    encoded(describeGroupsApi, { groups: ['g', 'h'] }, 4),
    '00000002 0001 67 0001 68 00',
  ],
]

for (const [what, written, expected] of byHand) {
  test(`${what}, as the protocol says`, () => {
    assert.equal(written, expected.replaceAll(' ', ''))
  })
}
