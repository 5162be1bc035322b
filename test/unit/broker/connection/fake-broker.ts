import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import type { TestContext } from 'node:test'
import { openLink } from '../../../../src/broker/connection/link.ts'
import { Writer } from '../../../../src/broker/protocol/index.ts'
import type { BrokerOptions } from '../../../../src/broker/types.ts'
import { silentLog } from '../../../../src/kernel/log.ts'

export interface FakeRequest {
  readonly key: number
  readonly version: number
  /** What follows the correlation id. */
  readonly body: Buffer
  readonly socket: Socket
  /** Sends an answer of these bytes. */
  answer(body: Buffer): void
}

export interface FakeBroker {
  readonly port: number
  /** Sockets accepted so far. */
  readonly sockets: readonly Socket[]
}

/** What a broker of today says of the APIs that are used here. */
export function offering(ranges: ReadonlyArray<readonly [key: number, min: number, max: number]>) {
  const writer = new Writer().int16(0)
  writer.array(ranges, ([key, min, max]) => writer.int16(key).int16(min).int16(max))
  return writer.buffer
}

/** Listens and hands over each socket; gone after the test. */
export async function listen(
  t: TestContext,
  accept: (socket: Socket) => void,
  host = '127.0.0.1',
): Promise<FakeBroker> {
  const sockets: Socket[] = []
  const server: Server = createServer((socket) => {
    sockets.push(socket)
    socket.on('error', () => {})
    accept(socket)
  })
  server.listen(0, host)
  await once(server, 'listening')
  t.after(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return { port: address.port, sockets }
}

/** Takes requests apart; says itself which versions there are. */
export function fakeBroker(
  t: TestContext,
  handle: (request: FakeRequest) => void,
  versions = offering([
    [3, 0, 7],
    [12, 0, 3],
  ]),
  host?: string,
): Promise<FakeBroker> {
  return listen(t, (socket) => onRequests(socket, versions, handle), host)
}

function onRequests(
  socket: Socket,
  versions: Buffer,
  handle: (request: FakeRequest) => void,
): void {
  let received = Buffer.alloc(0)
  socket.on('data', (chunk) => {
    received = Buffer.concat([received, chunk])
    while (received.length >= 4 && received.length >= 4 + received.readInt32BE(0)) {
      const [key, version, id] = [
        received.readInt16BE(4),
        received.readInt16BE(6),
        received.readInt32BE(8),
      ]
      const end = 4 + received.readInt32BE(0)
      const body = received.subarray(12, end)
      received = received.subarray(end)
      const answer = (body: Buffer) => {
        socket.write(
          new Writer()
            .int32(body.length + 4)
            .int32(id)
            .raw(body).buffer,
        )
      }
      if (key === 18) answer(versions)
      else handle({ key, version, body, socket, answer })
    }
  })
}

export function linkTo(t: TestContext, port: number, options: Partial<BrokerOptions> = {}) {
  const all: BrokerOptions = {
    brokers: [],
    clientId: 'test',
    security: { protocol: 'PLAINTEXT' },
    connectionTimeout: 5_000,
    requestTimeout: 5_000,
    ...options,
  }
  const link = openLink({ host: '127.0.0.1', port }, all, silentLog)
  t.after(() => link.close())
  return link
}
