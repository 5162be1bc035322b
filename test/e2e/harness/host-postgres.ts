import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { startPostgres } from '../../../dev/postgres/embedded-postgres.ts'
import type { UndoStack } from '../../../src/kernel/lifecycle.ts'
import { environment } from './environment.ts'

/**
 * A real PostgreSQL on this machine, open to the pods of the cluster. It listens to this machine only,
 * so what pods open is handed on.
 *
 * @returns its URL, the password included, by the address that pods know this machine by
 */
export async function startHostPostgres(undo: UndoStack): Promise<string> {
  const postgres = await startPostgres()
  undo.push('postgres', () => postgres.close())
  const sockets = new Set<Socket>()
  const server = createServer((fromPod) => {
    const toServer = connect(postgres.port, '127.0.0.1')
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
  undo.push('way to postgres', () => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const url = new URL(postgres.url)
  url.host = `${environment.host}:${(server.address() as AddressInfo).port}`
  return url.href
}
