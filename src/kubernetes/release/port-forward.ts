import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { type Duplex, PassThrough, Writable } from 'node:stream'
import { codeOf } from '../../kernel/errors.ts'
import { withDeadline } from '../../kernel/lifecycle.ts'
import type { KubernetesApi, Subject } from '../client/api.ts'

/** A port of a pod, at a port of the loopback interface. */
export interface Forward {
  readonly port: number
  close(): void
}

export interface ForwardTarget {
  /** The pod. */
  readonly name: string
  readonly port: number
}

/** What is used of the library's connection. */
interface Carrier {
  close(): void
  addEventListener(event: 'close', listener: () => void): void
}

/** Milliseconds that a connection through the API server may take to open. */
const CONNECT = 10_000

/**
 * What `kubectl port-forward` does: one connection to the API server for each that is made to the port.
 * Rejects with OCC_KUBERNETES_*, before anything is sent to the pod.
 * @param connect milliseconds that a connection may take to open
 */
export async function forwardPort(
  api: KubernetesApi,
  target: ForwardTarget,
  connect = CONNECT,
): Promise<Forward> {
  // What the API server refuses to a connection that carries nothing, it refuses to all.
  const probe = await carry(api, target, new PassThrough(), connect)
  probe.close()

  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
    carry(api, target, socket, connect).then(
      (carrier) => {
        carrier.addEventListener('close', () => socket.destroy())
        if (socket.destroyed) carrier.close()
        else socket.on('close', () => carrier.close())
      },
      () => socket.destroy(),
    )
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    close() {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}

/** The library waits forever for an API server, or a node behind it, that does not answer. */
async function inTime<Made extends { close(): void }>(
  connecting: Promise<Made>,
  most: number,
): Promise<Made> {
  try {
    return await withDeadline(connecting, most, 'Connecting')
  } catch (error) {
    // It may still come.
    void connecting.then((late) => late.close()).catch(() => {})
    if (codeOf(error) !== 'OCC_DEADLINE') throw error
    throw new Error(`it did not connect within ${most / 1000} s`)
  }
}

/** Between the stream and the port, until either ends. */
async function carry(
  api: KubernetesApi,
  { name, port }: ForwardTarget,
  stream: Duplex,
  connect: number,
): Promise<Carrier> {
  const { namespace, portForward } = api
  // Nothing is said there while all is well.
  const problem = new Writable({
    write(chunk: Buffer, _, done) {
      if (chunk.length > 0) stream.destroy()
      done()
    },
  })
  const subject: Subject = { verb: 'get', group: '', resource: 'pods/portforward', name }
  return await api.ask(subject, () => {
    const forward = portForward.portForward(namespace, name, [port], stream, problem, stream)
    return inTime(forward as Promise<unknown> as Promise<Carrier>, connect).catch(refusal)
  })
}

/** The library gives the status of a refused connection in a text only. */
function refusal(error: unknown): never {
  const message = String(Object(error).message)
  const status = /^Unexpected server response: (\d+)$/.exec(message)?.[1]
  throw Object.assign(
    new Error(message),
    status === undefined ? {} : { code: Number(status), headers: {} },
  )
}
