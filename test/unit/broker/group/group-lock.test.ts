import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { lockGroup } from '../../../../src/broker/group/group-lock.ts'
import {
  code,
  describeGroupsApi,
  findCoordinatorApi,
  heartbeatApi,
  joinGroupApi,
  leaveGroupApi,
  syncGroupApi,
  Writer,
} from '../../../../src/broker/protocol/index.ts'
import { silentLog } from '../../../../src/kernel/log.ts'
import { fakeBroker, offering } from '../connection/fake-broker.ts'

const APIS = [
  ...[findCoordinatorApi, describeGroupsApi, joinGroupApi],
  ...[syncGroupApi, heartbeatApi, leaveGroupApi],
]
const VERSIONS = offering(APIS.map(({ key, versions }) => [key, 0, Math.max(...versions)] as const))
const NOTHING = Buffer.alloc(0)

type Asked = 'describe' | 'join' | 'sync' | 'beat' | 'leave'
const NAMES: ReadonlyMap<number, Asked> = new Map([
  [describeGroupsApi.key, 'describe'],
  [joinGroupApi.key, 'join'],
  [syncGroupApi.key, 'sync'],
  [heartbeatApi.key, 'beat'],
  [leaveGroupApi.key, 'leave'],
])

function described(members: readonly string[]): Buffer {
  const writer = new Writer().int32(0)
  return writer.array([members], (all) =>
    writer
      .int16(code.NONE)
      .string('g')
      .string('Stable')
      .string('consumer')
      .string('range')
      .array(all, (member) =>
        writer
          .string(member)
          .nullableString(null)
          .string('c')
          .string('h')
          .bytes(NOTHING)
          .bytes(NOTHING),
      )
      .int32(0),
  ).buffer
}

function joined(error: number, memberId: string): Buffer {
  const writer = new Writer().int32(0).int16(error).int32(1)
  return writer
    .nullableString('range')
    .nullableString(memberId)
    .nullableString(memberId)
    .array([], () => {}).buffer
}

/** What it answers of itself, to a group without members. */
const ANSWERS: Readonly<Record<Asked, () => Buffer>> = {
  describe: () => described([]),
  join: () => joined(code.NONE, 'own-id'),
  sync: () => new Writer().int32(0).int16(code.NONE).bytes(NOTHING).buffer,
  beat: () => new Writer().int32(0).int16(code.NONE).buffer,
  leave: () => {
    const writer = new Writer().int32(0).int16(code.NONE)
    return writer.array([], () => {}).buffer
  },
}

/** @param answer `end`: it ends the connection, `silent`: it says nothing; undefined: as of itself */
async function coordinator(
  t: TestContext,
  answer: (asked: Asked, body: Buffer) => Buffer | 'end' | 'silent' | undefined,
) {
  let port = 0
  const all: Asked[] = []
  const broker = await fakeBroker(
    t,
    ({ key, body, socket, answer: send }) => {
      const asked = NAMES.get(key)
      if (asked === undefined) {
        const found = new Writer().int32(0).int16(code.NONE).nullableString(null).int32(0)
        send(found.string('127.0.0.1').int32(port).buffer)
        return
      }
      all.push(asked)
      const bytes = answer(asked, body) ?? ANSWERS[asked]()
      if (bytes === 'end') socket.destroy()
      else if (bytes !== 'silent') send(bytes)
    },
    VERSIONS,
  )
  port = broker.port
  const options = {
    ...{ brokers: [`127.0.0.1:${port}`], clientId: 'test' },
    ...{ security: { protocol: 'PLAINTEXT' as const } },
    ...{ connectionTimeout: 5_000, requestTimeout: 5_000 },
  }
  return {
    count: (asked: Asked) => all.filter((each) => each === asked).length,
    lock: () => lockGroup(options, 'g', silentLog),
  }
}

test('whose answer was lost while it took the lock has it, and is not kept out by itself', async (t) => {
  let isIn = false
  const { lock, count } = await coordinator(t, (asked, body) => {
    if (asked === 'describe') return described(isIn ? ['own-id'] : [])
    if (asked === 'sync' && count('sync') === 1) return 'end'
    if (asked !== 'join') return undefined
    isIn = body.includes('own-id')
    return joined(isIn ? code.NONE : code.MEMBER_ID_REQUIRED, 'own-id')
  })
  const held = await lock()
  t.after(() => held?.release())
  assert.equal(await held?.isHeld(), true)
})

test('a coordinator that has taken over and does not know it is asked anew', async (t) => {
  let hasMoved = false
  const { lock } = await coordinator(t, (asked, body) => {
    if (asked !== 'join') return undefined
    if (body.includes('first-id')) {
      const error = hasMoved ? code.UNKNOWN_MEMBER_ID : code.NOT_COORDINATOR
      hasMoved = true
      return joined(error, '')
    }
    if (body.includes('second-id')) return joined(code.NONE, 'second-id')
    return joined(code.MEMBER_ID_REQUIRED, hasMoved ? 'second-id' : 'first-id')
  })
  const held = await lock()
  t.after(() => held?.release())
  assert.equal(await held?.isHeld(), true)
})

test('whoever asks at once shares an answer, and silent brokers do not hold up its end', async (t) => {
  let isSilent = false
  const { lock, count } = await coordinator(t, () => (isSilent ? 'silent' : undefined))
  const held = await lock()
  assert.ok(held !== null)
  const many = Array.from({ length: 5 })
  const answers = await Promise.all(many.map(() => held.isHeld()))
  assert.deepEqual(new Set(answers), new Set([true]))
  // One, and that of the timer where the machine is slow.
  const before = count('beat')
  assert.ok(before <= 2, `${before} heartbeats`)
  isSilent = true
  const asking = many.map(() => held.isHeld())
  await held.release()
  assert.ok(count('beat') - before <= 1, `${count('beat') - before} heartbeats`)
  assert.deepEqual(new Set(await Promise.all(asking)), new Set([false]))
})
