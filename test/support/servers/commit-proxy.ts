import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import type { EmbeddedPostgres } from '../../../dev/postgres/embedded-postgres.ts'
import { temporaryFolder } from '../temporary-folder.ts'

/** `Query` with the text `commit`, as a client sends it. */
const COMMIT = Buffer.from('510000000b636f6d6d697400', 'hex')
/** Milliseconds for which a late commit is under way. */
const LATE = 400

/**
 * What becomes of a commit. `answered`: it is made, and the connection ends before its answer.
 * `late`: the connection of the client ends, and the commit arrives after that. `error`: it is made, and
 * an error with this SQLSTATE is the answer, as of a pooler that has lost the server.
 */
export type Fate = 'answered' | 'late' | { readonly error: string }

export interface CommitProxy {
  /** A file with the URL of the database through it. */
  readonly urlFile: string
  /** Fates of the next commits, in turn. */
  readonly fates: Fate[]
  /** Commits that had one. */
  readonly lost: number
  /** Ends all connections, and takes no new ones while `isAway`. */
  isAway: boolean
  /**
   * Holds the next statement that contains this text. Resolves when it is held, with what lets it go
   * on.
   */
  hold(text: string): Promise<() => void>
}

/** Stands between clients and a PostgreSQL without TLS. Gone with the test. */
export async function startCommitProxy(
  t: TestContext,
  postgres: Pick<EmbeddedPostgres, 'port' | 'url'>,
): Promise<CommitProxy> {
  const sockets = new Set<Socket>()
  const fates: Fate[] = []
  let lost = 0
  let isAway = false
  let holding: { readonly text: string; held(release: () => void): void } | null = null

  function lose(fate: Fate, client: Socket, upstream: Socket, rest: Buffer): void {
    lost += 1
    if (fate === 'late') {
      client.resetAndDestroy()
      setTimeout(() => upstream.end(rest), LATE)
      return
    }
    upstream.removeAllListeners('data')
    upstream.once('data', () => {
      if (fate === 'answered') client.resetAndDestroy()
      else client.end(errorOf(fate.error))
      upstream.destroy()
    })
    upstream.write(rest)
  }

  const server = createServer((client) => {
    if (isAway) {
      client.resetAndDestroy()
      return
    }
    const upstream = connect(postgres.port, '127.0.0.1')
    let fate: Fate | undefined
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.setNoDelay(true).on('error', () => {})
      socket.on('close', () => {
        sockets.delete(socket)
        if (fate === 'late' && socket === client) return
        client.destroy()
        upstream.destroy()
      })
    }
    client.on('data', (bytes) => {
      if (fate === undefined && fates.length > 0 && bytes.includes(COMMIT)) {
        fate = fates.shift()
        if (fate !== undefined) {
          lose(fate, client, upstream, bytes)
          return
        }
      }
      if (holding !== null && bytes.includes(holding.text)) {
        client.pause()
        holding.held(() => {
          upstream.write(bytes)
          client.resume()
        })
        holding = null
        return
      }
      upstream.write(bytes)
    })
    upstream.on('data', (bytes) => client.write(bytes))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(async () => {
    for (const socket of sockets) socket.destroy()
    server.close()
    await once(server, 'close')
  })
  const url = new URL(postgres.url)
  url.port = String((server.address() as AddressInfo).port)
  const urlFile = join(temporaryFolder(t), 'url')
  writeFileSync(urlFile, url.href, { mode: 0o600 })
  return {
    urlFile,
    fates,
    get lost() {
      return lost
    },
    get isAway() {
      return isAway
    },
    hold(text) {
      const { promise, resolve: held } = Promise.withResolvers<() => void>()
      holding = { text, held }
      return promise
    },
    set isAway(away) {
      isAway = away
      if (away) for (const socket of sockets) socket.destroy()
    },
  }
}

/** `ErrorResponse` as a server sends it. */
function errorOf(sqlstate: string): Buffer {
  const fields = `SERROR\0VERROR\0C${sqlstate}\0Mnobody knows\0\0`
  const head = Buffer.from('E0000')
  head.writeInt32BE(fields.length + 4, 1)
  return Buffer.concat([head, Buffer.from(fields)])
}
