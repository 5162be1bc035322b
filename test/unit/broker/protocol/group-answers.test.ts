import {
  describeGroupsApi,
  findCoordinatorApi,
  heartbeatApi,
  joinGroupApi,
  leaveGroupApi,
  offsetCommitApi,
  offsetFetchApi,
  syncGroupApi,
} from '../../../../src/broker/protocol/index.ts'
import { type Answer, checkAnswers, THROTTLE } from './answers.ts'

/** Written by hand after https://kafka.apache.org/protocol. */
checkAnswers([
  [
    findCoordinatorApi,
    2,
    `${THROTTLE} 0000 ffff 00000001 0001 68 00002384`,
    { throttle: 5, error: 0, message: null, id: 1, host: 'h', port: 9092 },
  ],
  [
    findCoordinatorApi,
    1,
    `${THROTTLE} 000f 0002 6e6f ffffffff 0000 ffffffff`,
    { throttle: 5, error: 15, message: 'no', id: -1, host: '', port: -1 },
  ],
  [
    joinGroupApi,
    5,
    `${THROTTLE} 0000 00000007 0005 72616e6765 0001 61 0001 61 00000002
     0001 61 ffff 00000002 aabb  0001 62 0003 706f64 00000000`,
    {
      throttle: 5,
      error: 0,
      generation: 7,
      protocol: 'range',
      leaderId: 'a',
      memberId: 'a',
      members: [
        { memberId: 'a', groupInstanceId: null, metadata: Buffer.from('aabb', 'hex') },
        { memberId: 'b', groupInstanceId: 'pod', metadata: Buffer.alloc(0) },
      ],
    },
  ],
  [
    joinGroupApi,
    5,
    `${THROTTLE} 004f ffffffff ffff ffff 0001 61 00000000`,
    {
      throttle: 5,
      error: 79,
      generation: -1,
      protocol: '',
      leaderId: '',
      memberId: 'a',
      members: [],
    },
  ],
  [
    syncGroupApi,
    3,
    `${THROTTLE} 0000 00000002 aabb`,
    { throttle: 5, error: 0, assignment: Buffer.from('aabb', 'hex') },
  ],
  [
    syncGroupApi,
    3,
    `${THROTTLE} 001b ffffffff`,
    { throttle: 5, error: 27, assignment: Buffer.alloc(0) },
  ],
  [heartbeatApi, 3, `${THROTTLE} 001b`, { throttle: 5, error: 27 }],
  [leaveGroupApi, 3, `${THROTTLE} 0000 00000001 0001 61 ffff 0019`, { throttle: 5, error: 25 }],
  [leaveGroupApi, 3, `${THROTTLE} 0010 00000000`, { throttle: 5, error: 16 }],
  [
    offsetCommitApi,
    7,
    `${THROTTLE} 00000001 0001 74 00000002 00000000 0000 00000001 0016`,
    {
      throttle: 5,
      topics: [
        {
          topic: 't',
          partitions: [
            { partition: 0, error: 0 },
            { partition: 1, error: 22 },
          ],
        },
      ],
    },
  ],
  [
    offsetFetchApi,
    5,
    `${THROTTLE} 00000001 0001 74 00000002
     00000000 0000000000000100 00000003 0001 6d 0000
     00000001 ffffffffffffffff ffffffff ffff 001d  0000`,
    {
      throttle: 5,
      error: 0,
      topics: [
        {
          topic: 't',
          partitions: [
            { partition: 0, offset: 256, leaderEpoch: 3, metadata: 'm', error: 0 },
            { partition: 1, offset: -1, leaderEpoch: -1, metadata: null, error: 29 },
          ],
        },
      ],
    },
  ],
  ...[3, 4].map(
    (version): Answer => [
      describeGroupsApi,
      version,
      `${THROTTLE} 00000001 0000 0001 67 0006 537461626c65 0008 636f6e73756d6572 0005 72616e6765
     00000001 0001 61 ${version === 4 ? '0003 706f64' : ''} 0001 63 0002 2f31 00000001 aa 00000001 bb
     80000000`,
      {
        throttle: 5,
        groups: [
          {
            error: 0,
            groupId: 'g',
            state: 'Stable',
            protocolType: 'consumer',
            protocol: 'range',
            members: [
              {
                memberId: 'a',
                groupInstanceId: version === 4 ? 'pod' : null,
                clientId: 'c',
                clientHost: '/1',
                metadata: Buffer.from('aa', 'hex'),
                assignment: Buffer.from('bb', 'hex'),
              },
            ],
          },
        ],
      },
    ],
  ),
])
