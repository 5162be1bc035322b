import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { assignors } from '../../../../../src/broker/group/assignors/index.ts'
import { assigned, member, sizes } from './members.ts'

// What kafka-clients 4.1.2 assigned when it was given the same members and topics; the examples
// named so are those of the Javadoc of RangeAssignor, RoundRobinAssignor and StickyAssignor.
const { range, roundrobin, sticky } = assignors
const cooperative = assignors['cooperative-sticky']

describe('range', () => {
  test('example: two members, two topics of three', () => {
    const members = [member('C1', 't0 t1'), member('C0', 't0 t1')]
    assert.deepEqual(assigned(range, members, sizes({ t0: 3, t1: 3 })), {
      C0: 't0/0 t0/1 t1/0 t1/1',
      C1: 't0/2 t1/2',
    })
  })

  test('static members come first, sorted by instance id', () => {
    const members = [
      member('member-a', 't0 t1'),
      member('member-b', 't0 t1'),
      member('member-c', 't0 t1', '', -1, 'pod-0'),
      member('member-d', 't0 t1', '', -1, 'pod-1'),
    ]
    const topics = sizes({ t0: 5, t1: 3 })
    assert.deepEqual(assigned(range, members, topics), {
      'member-a': 't0/3 t1/2',
      'member-b': 't0/4',
      'member-c': 't0/0 t0/1 t1/0',
      'member-d': 't0/2 t1/1',
    })
    assert.deepEqual(assigned(roundrobin, members, topics), {
      'member-a': 't0/2 t1/1',
      'member-b': 't0/3 t1/2',
      'member-c': 't0/0 t0/4',
      'member-d': 't0/1 t1/0',
    })
  })

  test('a static member that restarts keeps its partitions', () => {
    const topics = sizes({ t0: 3, t1: 3 })
    const before = [member('z', 't0 t1', '', -1, 'pod-0'), member('y', 't0 t1', '', -1, 'pod-1')]
    const after = [member('a', 't0 t1', '', -1, 'pod-1'), member('z', 't0 t1', '', -1, 'pod-0')]
    for (const assignor of [range, roundrobin]) {
      const was = assigned(assignor, before, topics)
      assert.deepEqual(assigned(assignor, after, topics), { a: was['y'], z: was['z'] })
    }
  })

  test('topics that do not exist or have no subscriber are left out', () => {
    const members = [member('C0', 't0 gone'), member('C1', 'gone')]
    for (const assignor of Object.values(assignors)) {
      const expected = { C0: 't0/0 t0/1', C1: '' }
      assert.deepEqual(assigned(assignor, members, sizes({ t0: 2, other: 4 })), expected)
    }
  })
})

describe('roundrobin', () => {
  test('example: two members, two topics of three', () => {
    const members = [member('C0', 't0 t1'), member('C1', 't1 t0')]
    assert.deepEqual(assigned(roundrobin, members, sizes({ t0: 3, t1: 3 })), {
      C0: 't0/0 t0/2 t1/1',
      C1: 't0/1 t1/0 t1/2',
    })
  })

  test('example: different subscriptions', () => {
    const members = [member('C0', 't0'), member('C1', 't0 t1'), member('C2', 't0 t1 t2')]
    assert.deepEqual(assigned(roundrobin, members, sizes({ t0: 1, t1: 2, t2: 3 })), {
      C0: 't0/0',
      C1: 't1/0',
      C2: 't1/1 t2/0 t2/1 t2/2',
    })
  })
})

describe('sticky', () => {
  test('example: three members, four topics of two partitions, either partition of a topic', () => {
    const members = ['C0', 'C1', 'C2'].map((id) => member(id, 't0 t1 t2 t3'))
    const now = assigned(sticky, members, sizes({ t0: 2, t1: 2, t2: 2, t3: 2 }))
    const topics = Object.values(now).map((names) => names.replaceAll(/\/\d/g, ''))
    assert.deepEqual(topics, ['t0 t1 t3', 't0 t2 t3', 't1 t2'])
  })

  test('example: one of three members leaves, the others keep all partitions', () => {
    const members = [
      member('C0', 't0 t1 t2 t3', 't0/0 t1/1 t3/0'),
      member('C2', 't0 t1 t2 t3', 't1/0 t2/1'),
    ]
    const now = assigned(sticky, members, sizes({ t0: 2, t1: 2, t2: 2, t3: 2 }))
    assert.match(now['C0'] ?? '', /t0\/0.*t1\/1.*t3\/0/)
    assert.match(now['C2'] ?? '', /t1\/0.*t2\/1/)
    assert.deepEqual([now['C0']?.split(' ').length, now['C2']?.split(' ').length], [4, 4])
  })

  test('example: different subscriptions', () => {
    const members = [member('C0', 't0'), member('C1', 't0 t1'), member('C2', 't0 t1 t2')]
    assert.deepEqual(assigned(sticky, members, sizes({ t0: 1, t1: 2, t2: 3 })), {
      C0: 't0/0',
      C1: 't1/0 t1/1',
      C2: 't2/0 t2/1 t2/2',
    })
  })
})

describe('cooperative-sticky', () => {
  test('a new member gets nothing in the first round, the others keep three of four', () => {
    const members = [
      member('m0', 'a b', 'a/0 a/1 b/0 b/1'),
      member('m1', 'a b', 'a/2 a/3 b/2 b/3'),
      member('m2', 'a b', 'a/4 a/5 b/4 b/5'),
      member('m3', 'a b'),
    ]
    assert.deepEqual(assigned(cooperative, members, sizes({ a: 6, b: 6 })), {
      m0: 'a/0 a/1 b/0',
      m1: 'a/2 a/3 b/2',
      m2: 'a/4 a/5 b/4',
      m3: '',
    })
  })

  test('partitions of a member that left are assigned in the first round', () => {
    const members = [member('m1', 'a b', 'a/2 a/3 b/2 b/3'), member('m2', 'a b', 'a/4 a/5 b/4 b/5')]
    assert.deepEqual(assigned(cooperative, members, sizes({ a: 6, b: 6 })), {
      m1: 'a/0 a/2 a/3 b/0 b/2 b/3',
      m2: 'a/1 a/4 a/5 b/1 b/4 b/5',
    })
  })

  test('of two claims on a partition the newer generation wins', () => {
    const members = [member('m0', 'a b', 'a/0 a/1 b/0'), member('m1', 'a b', 'a/1 b/1 b/2', 4)]
    assert.deepEqual(assigned(cooperative, members, sizes({ a: 3, b: 3 })), {
      m0: 'a/0 a/1 b/0',
      m1: 'a/2 b/1 b/2',
    })
  })

  test('a partition claimed twice in one generation is assigned to no member in this round', () => {
    const members = [
      member('m0', 'a b', 'a/0 a/1'),
      member('m1', 'a b', 'a/1 b/0'),
      member('m2', 'a b', 'b/1'),
    ]
    const now = assigned(cooperative, members, sizes({ a: 3, b: 3 }))
    assert.ok(!Object.values(now).join(' ').includes('a/1'), JSON.stringify(now))
    assert.equal(Object.values(now).join(' ').split(' ').filter(Boolean).length, 5)
  })
})

describe('void claims', () => {
  for (const assignor of [sticky, cooperative]) {
    test(`${assignor.name}: topics deleted, partitions gone, partitions named twice`, () => {
      const members = [
        member('m0', 'a', 'a/0 a/0 a/7 gone/0 gone/1 gone/2'),
        member('m1', 'a', 'a/1'),
      ]
      assert.deepEqual(assigned(assignor, members, sizes({ a: 3 })), { m0: 'a/0 a/2', m1: 'a/1' })
    })
  }

  test('a topic that is no longer subscribed to moves on once it is given up', () => {
    const dropped = member('m0', 'a', 'b/0 b/1')
    const other = member('m1', 'a b')
    const topics = sizes({ a: 2, b: 2 })
    assert.deepEqual(assigned(sticky, [dropped, other], topics), { m0: 'a/0 a/1', m1: 'b/0 b/1' })
    const round = assigned(cooperative, [dropped, other], topics)
    assert.deepEqual(round, { m0: 'a/0 a/1', m1: '' })
  })

  test('an old claim without a newer one is valid', () => {
    const members = [member('m0', 'a', 'a/2', 3), member('m1', 'a', 'a/0', 9)]
    assert.equal(assigned(cooperative, members, sizes({ a: 3 }))['m0'], 'a/1 a/2')
  })
})

test('the order of members and claims does not matter', () => {
  const members = [
    member('m0', 'a b', 'a/0 a/1 b/0 b/1'),
    member('m1', 'b', 'b/2 b/3'),
    member('m2', 'a', 'a/4 a/3'),
    member('m3', 'b a', 'a/2'),
  ]
  const turned = members
    .map((each) => ({ ...each, owned: new Map([...each.owned].reverse()) }))
    .reverse()
  for (const assignor of Object.values(assignors)) {
    const topics = sizes({ a: 9, b: 9 })
    const other = sizes({ b: 9, a: 9 })
    assert.deepEqual(assigned(assignor, turned, other), assigned(assignor, members, topics))
  }
})
