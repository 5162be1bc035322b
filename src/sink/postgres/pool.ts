import { readFileSync } from 'node:fs'
import tls from 'node:tls'
import pg from 'pg'
import { codeOf, messageOf, OccError } from '../../kernel/errors.ts'
import { withDeadline } from '../../kernel/lifecycle.ts'
import type { Log } from '../../kernel/log.ts'
import type { DatabaseMeter } from '../../observe/types.ts'
import { runAgain } from './run-again.ts'
import { explain } from './server-errors.ts'

export interface PostgresOptions {
  /** Contains `postgresql://user:password@host:port/database`; read again for each connection. */
  readonly urlFile: string
  /**
   * Certificate authorities for the server, read again for each connection. Undefined: Node's
   * default list.
   */
  readonly caFile?: string | undefined
  readonly maxConnections: number
  /** Milliseconds. */
  readonly connectionTimeout: number
  readonly statementTimeout: number
}

/** Milliseconds for the answer to a rollback. */
const ROLLBACK = 1_000

/**
 * A pool that survives an unavailable database: the next query opens a new connection. It relies on
 * no connection state (startup parameters, prepared statements, session settings or locks), because
 * a pooler in between may give each transaction another connection.
 */
export interface PostgresPool {
  /**
   * Runs one statement in its own transaction; again, as `transact` does. Rejects with
   * OCC_POSTGRES_*.
   */
  readonly query: PostgresQuery
  /**
   * Runs the work in one transaction and commits it; the work again, in another one, after a deadlock
   * or a serialization failure. If either fails, it is rolled back, unless the
   * answer to the commit did not come, or says nothing: then nobody knows, and it rejects with
   * OCC_POSTGRES_DOUBT. Otherwise with another OCC_POSTGRES_*, or with what the work threw.
   */
  transact<Result>(work: (query: PostgresQuery) => Promise<Result>): Promise<Result>
  /** A transaction that stays open until `release` rolls it back: for locks. */
  begin(): Promise<PostgresTransaction>
  close(): Promise<void>
}

export type PostgresQuery = (text: string, values?: readonly unknown[]) => Promise<pg.QueryResult>

export interface PostgresTransaction {
  readonly query: PostgresQuery
  /** Rolls it back. Resolves when its locks are free, or after a second without an answer. */
  release(): Promise<void>
}

/**
 * @param section The configuration section of the options, for remedies.
 * @param meter Default: nobody reads it.
 */
export function createPostgresPool(
  options: PostgresOptions,
  log: Log,
  section: string,
  meter: DatabaseMeter = { retries: { '40P01': 0, '40001': 0 } },
): PostgresPool {
  let pool: pg.Pool | null = null

  function opened(): pg.Pool {
    if (pool !== null) return pool
    const { maxConnections, connectionTimeout } = options
    const made = new pg.Pool({
      Client: clientOf(options, section),
      max: maxConnections,
      connectionTimeoutMillis: connectionTimeout,
      // If the server hangs, it does not enforce the statement timeout itself.
      query_timeout: options.statementTimeout + connectionTimeout,
      idleTimeoutMillis: 60_000,
      keepAlive: true,
      application_name: 'onchain-consumer',
    })
    // An idle connection may die: without a listener the error would end the process.
    made.on('error', (error) => {
      log.debug({ event: 'postgres.connection-lost', code: codeOf(error) }, messageOf(error))
    })
    // The same for a connection in use: its query reports the error.
    made.on('connect', (client) => {
      client.on('error', () => {})
    })
    pool = made
    return made
  }

  async function explained<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      throw explain(error, section)
    }
  }

  /** @param idle Milliseconds that the server waits for the next statement; 0: forever. */
  async function opening(idle: number): Promise<pg.PoolClient> {
    const client = await opened().connect()
    try {
      await client.query(
        `begin; set local statement_timeout = ${options.statementTimeout}; set local idle_in_transaction_session_timeout = ${idle}`,
      )
      return client
    } catch (error) {
      client.release(true)
      throw error
    }
  }

  async function transact<Result>(
    work: (query: PostgresQuery) => Promise<Result>,
  ): Promise<Result> {
    // If this process dies, its locks must not stay until the network notices.
    const client = await opening(options.statementTimeout + options.connectionTimeout)
    try {
      const result = await work((text, values = []) => client.query(text, [...values]))
      await commit(client)
      client.release()
      return result
    } catch (error) {
      // Not reused: after a failover it leads to a server that refuses writes.
      client.release(true)
      throw error
    }
  }

  function transactAgain<Result>(work: (query: PostgresQuery) => Promise<Result>): Promise<Result> {
    return runAgain(() => explained(() => transact(work)), meter)
  }

  return {
    query: (text, values = []) => transactAgain((query) => query(text, values)),
    transact: transactAgain,
    async begin() {
      const client = await explained(() => opening(0))
      return {
        query: (text, values = []) => explained(() => client.query(text, [...values])),
        async release() {
          // Without the answer a busy server may hold its locks for a moment after the connection was closed.
          await withDeadline(client.query('rollback'), ROLLBACK, 'The rollback').catch(() => {})
          // Discarded, and its transaction with it.
          client.release(true)
        },
      }
    },
    async close() {
      await pool?.end()
      pool = null
    },
  }
}

async function commit(client: pg.PoolClient): Promise<void> {
  let command: string
  try {
    command = (await client.query('commit')).command
  } catch (error) {
    // Only an answer says that it was rolled back, such as for a deferred constraint.
    if (error instanceof pg.DatabaseError && isRolledBack(error)) throw error
    throw new OccError(
      'OCC_POSTGRES_DOUBT',
      `PostgreSQL: it is unknown whether a commit was made: ${messageOf(error)}`,
      { cause: error, retriable: true },
    )
  }
  // A statement had failed, and whoever sent it went on.
  if (command !== 'COMMIT')
    throw new Error('the transaction was rolled back, because a statement in it had failed')
}

/** As of a pooler, or of another server, that has not heard itself how the commit ended. */
const SAYS_NOTHING = /^(40003|08|58)/
/** The server ends the connection, unless it is an error: a word that is in the language of the server. */
const ENDS_CONNECTION = /^(57P|XX)/

function isRolledBack({ severity, code = '' }: pg.DatabaseError): boolean {
  if (SAYS_NOTHING.test(code)) return false
  return severity === 'ERROR' || !ENDS_CONNECTION.test(code)
}

/** A client that reads its files when it is made: changes apply from the next connection on. */
function clientOf(options: PostgresOptions, section: string): NonNullable<pg.PoolConfig['Client']> {
  return class extends pg.Client {
    constructor(pooled?: pg.ClientConfig) {
      let connection: pg.ClientConfig = {}
      let unusable: unknown = null
      try {
        connection = connectionOf(options, section)
      } catch (error) {
        unusable = error
      }
      super({ ...pooled, ...connection })
      if (unusable === null) return
      // The pool makes clients where nobody would catch an error; an error of connect it reports.
      const refuse = (callback: (error: unknown) => void) => process.nextTick(callback, unusable)
      this.connect = refuse as typeof this.connect
    }
  }
}

/**
 * Host, user, password and database from the URL. TLS verifies the chain and the host name, unless
 * the URL's sslmode is `verify-ca` (only the chain) or `disable` (no TLS, for a local database).
 */
function connectionOf({ urlFile, caFile }: PostgresOptions, section: string): pg.ClientConfig {
  const { host, port, user, password, database, mode } = urlIn(urlFile, section)
  return {
    host,
    port,
    user,
    // A function, because pg looks for an empty text elsewhere.
    password: () => password,
    database: database || user,
    ssl:
      mode === 'disable'
        ? false
        : {
            rejectUnauthorized: true,
            ...(caFile === undefined ? {} : { ca: read(caFile, section) }),
            // Set here, because pg makes Node compare an IP address with "localhost".
            checkServerIdentity: (_: string, certificate: tls.PeerCertificate) =>
              mode === 'verify-ca' ? undefined : tls.checkServerIdentity(host, certificate),
          },
  }
}

/** The URL contains the password: no message may show it. */
function urlIn(file: string, section: string) {
  const text = read(file, section).trim()
  try {
    const url = new URL(text)
    if (/^postgres(ql)?:$/.test(url.protocol)) {
      return {
        host: decodeURIComponent(url.hostname).replace(/^\[(.*)\]$/, '$1'),
        port: Number(url.port || 5432),
        user: decodeURIComponent(url.username),
        password: decodeURIComponent(url.password),
        database: decodeURIComponent(url.pathname.slice(1)),
        mode: url.searchParams.get('sslmode'),
      }
    }
  } catch {
    // Not a URL, or a percent sign in it is not encoded.
  }
  throw new OccError(
    'OCC_POSTGRES_URL',
    `${file} (${section}.urlFile) does not contain a PostgreSQL URL: write postgresql://user:password@host:5432/database, special characters of the password percent-encoded.`,
  )
}

function read(file: string, section: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new OccError(
      'OCC_FILE_UNREADABLE',
      `Cannot read ${file} (${section}): ${messageOf(error)}`,
      { cause: error, retriable: true },
    )
  }
}
