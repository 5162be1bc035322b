import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import type { UndoStack } from '../../../../src/kernel/lifecycle.ts'
import { environment } from '../environment.ts'

/**
 * Opens a server of this machine to the pods of the cluster: it listens to this machine only, so what
 * pods send is handed on.
 *
 * @param url the server's own
 * @returns the same URL by the address that pods know this machine by
 */
export async function openToPods(undo: UndoStack, url: string): Promise<string> {
  const opened = new URL(url)
  const port = Number(opened.port)
  const sockets = new Set<Socket>()
  const server = createServer((fromPod) => {
    const toServer = connect(port, '127.0.0.1')
    for (const [socket, other] of [
      [fromPod, toServer],
      [toServer, fromPod],
    ] as const) {
      sockets.add(socket)
      socket.pipe(other)
      // The other one learns of it as of any connection that is cut off.
      socket.on('error', () => {})
      socket.on('close', () => {
        sockets.delete(socket)
        other.destroy()
      })
    }
  })
  server.listen(0, '0.0.0.0')
  await once(server, 'listening')
  undo.push(`way to port ${port}`, () => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  opened.host = `${environment.host}:${(server.address() as AddressInfo).port}`
  return opened.href
}
