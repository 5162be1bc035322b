import { chown, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CodedError, type OccError } from '../../src/kernel/errors.ts'
import { debianProgram } from '../debian-program.ts'
import { freePorts } from '../kafka/nodes/ports.ts'
import { type EmbeddedPostgres, PREFIX } from './embedded-postgres.ts'
import { launchServer } from './server-process.ts'
import { postgresUser } from './system-user.ts'

export interface Pgbouncer {
  readonly port: number
  /** A file with the URL of the same database through the pooler. */
  readonly urlFile: string
  /** Stops it and removes its folder. May be called twice. */
  close(): Promise<void>
}

const PATHS = ['/usr/sbin/pgbouncer', '/usr/bin/pgbouncer', '/usr/local/bin/pgbouncer']

/**
 * A pooler in transaction mode in front of the database. It has fewer connections to the database
 * than clients have to it, so each transaction may get a different one.
 * @throws OccError OCC_PGBOUNCER_MISSING, OCC_POSTGRES_START
 */
export async function startPgbouncer(postgres: EmbeddedPostgres): Promise<Pgbouncer> {
  const binary = await debianProgram(PATHS, ['pgbouncer'], missing)
  const user = postgresUser()
  const folder = await mkdtemp(join(tmpdir(), `${PREFIX}${process.pid}-`))
  const [port = 0] = await freePorts(1)
  const { username, password, pathname } = new URL(postgres.url)
  const database = pathname.slice(1)
  const settings = [
    '[databases]',
    `${database} = host=127.0.0.1 port=${postgres.port} dbname=${database}`,
    '[pgbouncer]',
    'listen_addr = 127.0.0.1',
    `listen_port = ${port}`,
    'unix_socket_dir =',
    'auth_type = scram-sha-256',
    `auth_file = ${join(folder, 'users.txt')}`,
    'pool_mode = transaction',
    'default_pool_size = 3',
    'server_login_retry = 1',
  ]
  await writeFile(join(folder, 'users.txt'), `"${username}" "${password}"\n`, { mode: 0o600 })
  await writeFile(join(folder, 'pgbouncer.ini'), `${settings.join('\n')}\n`)
  const urlFile = join(folder, 'url')
  await writeFile(urlFile, postgres.url.replace(`:${postgres.port}/`, `:${port}/`), { mode: 0o600 })
  // It refuses to run as root.
  if ('uid' in user) {
    for (const path of [folder, join(folder, 'users.txt')]) {
      await chown(path, user['uid'] ?? 0, user['gid'] ?? 0)
    }
  }
  const server = launchServer([binary, join(folder, 'pgbouncer.ini')], {
    folder,
    user,
    name: 'pgbouncer',
    isUp: /process up/,
  })
  const close = async () => {
    server.signal('SIGTERM')
    await server.exited
    await rm(folder, { recursive: true, force: true })
  }
  await server.ready.catch(async (error) => {
    await close()
    throw error
  })
  return { port, urlFile, close }
}

function missing(why: string): OccError {
  return new CodedError(
    'OCC_PGBOUNCER_MISSING',
    `There is no pgbouncer on this machine: install it (Debian and Ubuntu: apt-get install pgbouncer). ${why}`,
  )
}
