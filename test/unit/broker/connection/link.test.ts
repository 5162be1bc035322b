import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import { openLink } from '../../../../src/broker/connection/link.ts'
import {
  fetchApi,
  heartbeatApi,
  type MemberIdentity,
  metadataApi,
  Writer,
} from '../../../../src/broker/protocol/index.ts'
import { silentLog } from '../../../../src/kernel/log.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'
import { until } from '../../../support/waiting.ts'
import { fakeBroker, linkTo, listen, offering } from './fake-broker.ts'

const who: MemberIdentity = { groupId: 'g', generation: 1, memberId: 'm', groupInstanceId: null }
const noTopics = { topics: [] }
/** Answer to a heartbeat: throttled for this many milliseconds, no error. */
const beat = (throttle = 0) => {
  const bytes = Buffer.alloc(6)
  bytes.writeInt32BE(throttle)
  return bytes
}
const all = (promises: ReadonlyArray<Promise<unknown>>, code: string) =>
  Promise.all(promises.map((promise) => assert.rejects(promise, { code, retriable: true })))

test('it connects once, at the first request, and handles answers in order', async (t) => {
  const seen: number[] = []
  const broker = await fakeBroker(t, ({ version, answer }) => {
    seen.push(version)
    answer(beat(seen.length))
  })
  const link = linkTo(t, broker.port)
  assert.equal(link.address, `127.0.0.1:${broker.port}`)
  assert.equal(broker.sockets.length, 0)
  const answers = await Promise.all([1, 2, 3].map(() => link.send(heartbeatApi, who)))
  assert.deepEqual(
    answers.map(({ throttle }) => throttle),
    [1, 2, 3],
  )
  assert.deepEqual(seen, [3, 3, 3])
  assert.equal(broker.sockets.length, 1)
})

test('an answer that does not come in time is told as such, also of a third of a timeout', async (t) => {
  const broker = await fakeBroker(t, () => {})
  const sent = linkTo(t, broker.port).send(heartbeatApi, who, 100 / 3)
  await assert.rejects(sent, {
    code: 'OCC_BROKER_TIMEOUT',
    message: /did not answer in time.* \[no answer within 33 ms\]/,
  })
})

test('answers of all sizes are complete, each in memory of its own', async (t) => {
  const sizes = [10, 300_000, 20_000, 70_000, 5, 1_000_000]
  let next = 0
  const broker = await fakeBroker(
    t,
    ({ answer }) => {
      const size = sizes[next] ?? 0
      next += 1
      answer(fetched(Buffer.alloc(size, next)))
    },
    offering([[1, 0, 11]]),
  )
  const link = linkTo(t, broker.port)
  const limits = { maxWait: 0, minBytes: 1, maxBytes: 1e6, readUncommitted: true }
  const session = { sessionId: 0, sessionEpoch: -1, forgotten: [], rackId: '' }
  const request = { ...limits, ...session, topics: [] }
  const answers = await Promise.all(sizes.map(() => link.send(fetchApi, request)))
  for (const [index, { topics }] of answers.entries()) {
    const records = topics[0]?.partitions[0]?.records
    assert.equal(records?.length, sizes[index])
    assert.ok(records?.every((byte) => byte === index + 1))
  }
})

function fetched(records: Buffer): Buffer {
  const writer = new Writer().int32(0).int16(0).int32(0)
  writer.array([records], () => {
    writer.string('topic').array([records], () => {
      writer.int32(0).int16(0).int64(0).int64(0).int64(0).int32(-1).int32(-1).bytes(records)
    })
  })
  return writer.buffer
}

test('the throttle time is passed on and delays nothing by itself', async (t) => {
  const broker = await fakeBroker(t, ({ answer }) => answer(beat(600_000)))
  const link = linkTo(t, broker.port)
  assert.deepEqual(await link.send(heartbeatApi, who), { throttle: 600_000, error: 0 })
  assert.deepEqual(await link.send(heartbeatApi, who), { throttle: 600_000, error: 0 })
})

test('a peer that accepts but never answers is OCC_BROKER_TIMEOUT, in all protocols', async (t) => {
  const broker = await listen(t, () => {})
  for (const protocol of ['PLAINTEXT', 'SSL'] as const) {
    const link = linkTo(t, broker.port, { security: { protocol }, connectionTimeout: 100 })
    const sent = [link.send(metadataApi, noTopics), link.send(heartbeatApi, who)]
    await assert.rejects(Promise.any(sent))
    await all(sent, 'OCC_BROKER_TIMEOUT')
    assert.equal(link.isOpen, false)
    await all([link.send(heartbeatApi, who)], 'OCC_BROKER_TIMEOUT')
  }
})

test('an unanswered request ends all requests in flight, and is named', async (t) => {
  const broker = await fakeBroker(t, ({ key, answer }) => {
    if (key === heartbeatApi.key) answer(beat())
  })
  const link = linkTo(t, broker.port)
  await link.send(heartbeatApi, who)
  const slow = link.send(metadataApi, noTopics)
  const quick = link.send(metadataApi, noTopics, 50)
  await all([slow, quick], 'OCC_BROKER_TIMEOUT')
  await assert.rejects(quick, new RegExp(`^OccError: Metadata to ${link.address}: .*50 ms`))
  assert.equal(link.isOpen, false)
})

test('an answer that arrived while this process was stalled is not late', async (t) => {
  let holdUp = 0
  const broker = await fakeBroker(t, ({ answer }) => {
    answer(beat())
    const end = performance.now() + holdUp
    while (performance.now() < end);
  })
  const link = linkTo(t, broker.port)
  await link.send(heartbeatApi, who)
  holdUp = 400
  await link.send(heartbeatApi, who, 200)
})

test('close rejects requests in flight at once, in any state', async (t) => {
  const silent = await listen(t, () => {})
  const broker = await fakeBroker(t, ({ key, answer }) => {
    if (key === heartbeatApi.key) answer(beat())
  })
  const unused = linkTo(t, broker.port)
  unused.close()
  await all([unused.send(heartbeatApi, who)], 'OCC_LINK_CLOSED')

  for (const protocol of ['PLAINTEXT', 'SSL'] as const) {
    const connecting = linkTo(t, silent.port, { security: { protocol } })
    const sent = connecting.send(heartbeatApi, who)
    connecting.close()
    await all([sent], 'OCC_LINK_CLOSED')
  }

  const connected = linkTo(t, broker.port)
  await connected.send(heartbeatApi, who)
  const sent = [1, 2].map(() => connected.send(metadataApi, noTopics))
  connected.close()
  connected.close()
  assert.equal(connected.isOpen, false)
  await all(sent, 'OCC_LINK_CLOSED')
})

test('a broken connection rejects all requests, and is noticed without one', async (t) => {
  const broker = await fakeBroker(t, ({ key, socket, answer }) => {
    if (key === heartbeatApi.key) answer(beat())
    else socket.destroy()
  })
  const link = linkTo(t, broker.port)
  await link.send(heartbeatApi, who)
  await all([link.send(metadataApi, noTopics), link.send(heartbeatApi, who)], 'OCC_BROKER_CLOSED')

  const reset = linkTo(t, broker.port)
  await reset.send(heartbeatApi, who)
  broker.sockets.at(-1)?.resetAndDestroy()
  await all([reset.send(heartbeatApi, who)], 'OCC_BROKER_CLOSED')

  const idle = linkTo(t, broker.port)
  await idle.send(heartbeatApi, who)
  broker.sockets.at(-1)?.end()
  await until(() => !idle.isOpen, 'the link to notice')
})

test('an address without a server is OCC_BROKER_UNREACHABLE', async (t) => {
  const { port } = await new Promise<{ port: number }>((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve({ port: typeof address === 'object' ? (address?.port ?? 0) : 0 }))
    })
  })
  const link = linkTo(t, port)
  await all([link.send(heartbeatApi, who), link.send(heartbeatApi, who)], 'OCC_BROKER_UNREACHABLE')
})

test('a broker without the version that is needed is OCC_BROKER_TOO_OLD; the link stays', async (t) => {
  const versions = offering([
    [1, 0, 10],
    [12, 0, 3],
  ])
  const broker = await fakeBroker(t, ({ answer }) => answer(beat()), versions)
  const link = linkTo(t, broker.port)
  await assert.rejects(link.send(metadataApi, noTopics), { code: 'OCC_BROKER_TOO_OLD' })
  const nothing = { topics: [], forgotten: [], rackId: '', readUncommitted: false, sessionId: 0 }
  const limits = { maxWait: 1, minBytes: 1, maxBytes: 1, sessionEpoch: -1 }
  await assert.rejects(link.send(fetchApi, { ...nothing, ...limits }), {
    code: 'OCC_BROKER_TOO_OLD',
    retriable: false,
    message: /127\.0\.0\.1:\d+ .* Fetch version 11 is needed, .* versions 0 to 10/,
  })
  await link.send(heartbeatApi, who)
})

for (const [what, bytes] of [
  ['a web server', Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')],
  ['a port that wants TLS', Buffer.from('15030300020246', 'hex')],
  ['an answer of a negative size', Buffer.from('ffffff00', 'hex')],
  ['an answer without a header', Buffer.from('0000000100', 'hex')],
] as const) {
  test(`${what} is OCC_KAFKA_NOT_SPOKEN`, async (t) => {
    const broker = await listen(t, (socket) => socket.once('data', () => socket.write(bytes)))
    const link = linkTo(t, broker.port)
    await assert.rejects(link.send(heartbeatApi, who), { code: 'OCC_KAFKA_NOT_SPOKEN' })
    assert.equal(link.isOpen, false)
  })
}

test('a truncated or malformed answer is OCC_PROTOCOL and ends the link', async (t) => {
  const broker = await fakeBroker(t, ({ key, socket, answer }) => {
    if (key === heartbeatApi.key) answer(beat().subarray(0, 5))
    else socket.write(Buffer.from('0000000000', 'hex'))
  })
  for (const sent of [
    (link: ReturnType<typeof linkTo>) => link.send(heartbeatApi, who),
    (link: ReturnType<typeof linkTo>) => link.send(metadataApi, noTopics),
  ]) {
    const link = linkTo(t, broker.port)
    await all([sent(link), sent(link)], 'OCC_PROTOCOL')
    assert.equal(link.isOpen, false)
  }
})

test('an unreadable secret is reported as such', async (t) => {
  const broker = await listen(t, () => {})
  const sasl = { mechanism: 'PLAIN', username: 'u', passwordFile: '/nowhere/password' } as const
  const login = linkTo(t, broker.port, { security: { protocol: 'SASL_PLAINTEXT', sasl } })
  await all([login.send(heartbeatApi, who)], 'OCC_FILE_UNREADABLE')
  const tls = { verify: 'full', caFile: '/nowhere/ca.pem' } as const
  const encrypted = linkTo(t, broker.port, { security: { protocol: 'SSL', tls } })
  await all([encrypted.send(heartbeatApi, who)], 'OCC_FILE_UNREADABLE')
})

test('a connection lost during a login is not reported as a wrong password', async (t) => {
  const folder = temporaryFolder(t)
  const passwordFile = join(folder, 'password')
  await writeFile(passwordFile, 'secret')
  const [handshake, authenticate] = [17, 36]
  const versions = offering([
    [12, 0, 3],
    [handshake, 0, 1],
    [authenticate, 0, 1],
  ])
  for (const breakOff of ['destroy', 'resetAndDestroy'] as const) {
    const broker = await fakeBroker(
      t,
      ({ key, socket, answer }) => {
        if (key === handshake) answer(Buffer.from('0000000000010005504c41494e', 'hex'))
        else socket[breakOff]()
      },
      versions,
    )
    const sasl = { mechanism: 'PLAIN', username: 'u', passwordFile } as const
    const link = linkTo(t, broker.port, { security: { protocol: 'SASL_PLAINTEXT', sasl } })
    await assert.rejects(link.send(heartbeatApi, who), {
      code: /^OCC_BROKER_(CLOSED|UNREACHABLE)$/,
      retriable: true,
    })
  }
})

test('remedies name the section of the configuration', async (t) => {
  const broker = await listen(t, (socket) => socket.destroy())
  const options = {
    brokers: [],
    clientId: 'test',
    security: { protocol: 'PLAINTEXT' },
    connectionTimeout: 1_000,
    requestTimeout: 1_000,
  } as const
  const target = { host: '127.0.0.1', port: broker.port }
  const link = openLink(target, options, silentLog, 'deadLetters.kafka')
  await assert.rejects(link.send(heartbeatApi, who), /deadLetters\.kafka\.brokers/)
})

test('an IPv6 address works, and is written in brackets', async (t) => {
  const broker = await fakeBroker(t, ({ answer }) => answer(beat()), undefined, '::1').catch(
    () => null,
  )
  if (broker === null) return t.skip('no ::1 here')
  const options = {
    brokers: [],
    clientId: 'test',
    security: { protocol: 'PLAINTEXT' },
    connectionTimeout: 5_000,
    requestTimeout: 5_000,
  } as const
  const link = openLink({ host: '::1', port: broker.port }, options, silentLog)
  t.after(() => link.close())
  assert.equal(link.address, `[::1]:${broker.port}`)
  await link.send(heartbeatApi, who)
})
