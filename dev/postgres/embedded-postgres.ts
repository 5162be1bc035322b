import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, rmSync } from 'node:fs'
import {
  chmod,
  chown,
  copyFile,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { CodedError, codeOf, messageOf } from '../../src/kernel/errors.ts'
import { freePorts } from '../kafka/nodes/ports.ts'
import { isAlive } from '../kafka/nodes/run-folder.ts'
import { postgresFolder } from './binaries.ts'
import { launchServer, type ServerProcess } from './server-process.ts'
import { postgresUser } from './system-user.ts'

export interface PostgresOptions {
  /** Default: a free one. */
  readonly port?: number
  /** PEM files of the server's certificate and key; enables TLS for clients that ask for it. */
  readonly tls?: { readonly certificate: string; readonly key: string }
  /** A folder for its data, which stays and is used again. Default: a temporary one. */
  readonly keptIn?: string
  /**
   * Its commits wait for the disk, and it has the memory that PostgreSQL has by default: to measure. Default:
   * neither, so that many fit on one machine.
   */
  readonly asInstalled?: boolean
}

export interface EmbeddedPostgres {
  readonly port: number
  readonly password: string
  /** URL of its database, with the password, without TLS. */
  readonly url: string
  /** A file that contains `url`. */
  readonly urlFile: string
  /** Removed by close(), unless it is `keptIn`. */
  readonly folder: string
  /** The server's process id, undefined while it is stopped. */
  readonly pid: () => number | undefined
  /** Stops it cleanly; data and port stay. */
  stop(): Promise<void>
  /** SIGKILL, like a crash. */
  kill(): Promise<void>
  /** After stop() or kill(); resolves when it accepts connections. */
  start(): Promise<void>
  /** Starts as a standby, which refuses writes until somebody calls `pg_promote()`. */
  startAsStandby(): Promise<void>
  /** Stops it, and removes the folder unless it is kept. May be called twice. */
  close(): Promise<void>
}

/** Prefix of folders in the temporary folder; the process id follows. */
export const PREFIX = 'occ-postgres-'
const USER = 'onchain'
const DATABASE = 'postgres'
/** A server that was there before still has its memory. */
const IS_HELD = /pre-existing shared memory block/
/** Milliseconds that it may have it, and between two looks. */
const PATIENCE = 60_000
const PAUSE = 100
const run = promisify(execFile)

/**
 * Starts a real PostgreSQL on a free local port, with its own data; resolves when it accepts
 * connections (after 1 to 3 s). It cannot outlive this process, however that ends. Also works for
 * root.
 * @throws OccError OCC_POSTGRES_MISSING, OCC_POSTGRES_START, OCC_NO_FREE_PORT
 */
export async function startPostgres(options: PostgresOptions = {}): Promise<EmbeddedPostgres> {
  await removeLeftovers()
  const user = postgresUser()
  const binaries = await postgresFolder({ readableByAll: 'uid' in user })
  const { keptIn, asInstalled = false } = options
  const folder =
    keptIn === undefined
      ? await mkdtemp(join(tmpdir(), `${PREFIX}${process.pid}-`))
      : await keptFolder(keptIn)
  const data = join(folder, 'data')
  const passwordFile = join(folder, 'password')
  const isNew = !existsSync(join(data, 'PG_VERSION'))
  const password = isNew
    ? randomBytes(12).toString('hex')
    : (await readFile(passwordFile, 'utf8')).trim()
  const port = options.port ?? (await freePorts(1))[0] ?? 0
  let running: ServerProcess | null = null
  const atExit = () => {
    running?.signal('SIGQUIT')
    if (keptIn === undefined) rmSync(folder, { recursive: true, force: true })
  }

  /** A file of the server that nobody else may read. */
  async function own(path: string): Promise<void> {
    await chmod(path, 0o600)
    if ('uid' in user) await chown(path, user['uid'] ?? 0, user['gid'] ?? 0)
  }

  async function initialise(): Promise<void> {
    if ('uid' in user) await chown(folder, user['uid'] ?? 0, user['gid'] ?? 0)
    await writeFile(passwordFile, password)
    await own(passwordFile)
    const flags = ['--encoding=UTF8', '--locale=C', '--auth=scram-sha-256', '--no-sync']
    const args = ['-D', data, '-U', USER, `--pwfile=${passwordFile}`, ...flags]
    await run(join(binaries, 'bin/initdb'), args, { ...user, cwd: folder }).catch((error) => {
      throw new CodedError('OCC_POSTGRES_START', `initdb failed: ${messageOf(error)}`)
    })
  }

  async function tlsSettings(): Promise<string[]> {
    if (options.tls === undefined) return []
    for (const name of ['certificate', 'key'] as const) {
      const path = join(folder, `${name}.pem`)
      await copyFile(options.tls[name], path)
      await own(path)
    }
    const files = [`ssl_cert_file=${join(folder, 'certificate.pem')}`]
    return ['ssl=on', ...files, `ssl_key_file=${join(folder, 'key.pem')}`]
  }

  async function start(): Promise<void> {
    const settings = [
      'listen_addresses=127.0.0.1',
      `port=${port}`,
      'unix_socket_directories=',
      // A crash of the machine may lose a test's data; a crash of the server does not.
      keptIn === undefined && !asInstalled ? 'fsync=off' : 'fsync=on',
      ...(asInstalled ? [] : ['shared_buffers=16MB']),
      'max_connections=30',
      'dynamic_shared_memory_type=mmap',
      ...(await tlsSettings()),
    ]
    const flags = settings.flatMap((setting) => ['-c', setting])
    const until = performance.now() + PATIENCE
    for (;;) {
      try {
        return await launch(flags)
      } catch (error) {
        // Children of a killed server are not gone yet, on a machine that does much else.
        if (!IS_HELD.test(messageOf(error)) || performance.now() > until) throw error
        await sleep(PAUSE)
      }
    }
  }

  async function launch(flags: readonly string[]): Promise<void> {
    const server = launchServer([join(binaries, 'bin/postgres'), '-D', data, ...flags], {
      folder,
      user,
      name: 'PostgreSQL',
      isUp: /database system is ready to accept (read-only )?connections/,
    })
    running = server
    const over = () => {
      if (running === server) running = null
    }
    server.exited.then(over, over)
    await server.ready
  }

  async function end(signal: NodeJS.Signals): Promise<void> {
    const server = running
    if (server === null) return
    server.signal(signal)
    await server.exited
  }

  /** Its children would answer one last query on their connections: a crash kills them, too. */
  async function kill(): Promise<void> {
    const pid = running?.pid
    if (pid === undefined) return
    const { stdout } = await run('ps', ['-A', '-o', 'pid=,ppid='])
    const pairs = stdout.split('\n').map((line) => line.trim().split(/\s+/).map(Number))
    await end('SIGKILL')
    for (const [child = 0, parent] of pairs) {
      if (parent === pid) kill9(child)
    }
  }

  async function close(): Promise<void> {
    await end(keptIn === undefined ? 'SIGQUIT' : 'SIGINT')
    if (keptIn === undefined) await rm(folder, { recursive: true, force: true, maxRetries: 3 })
    process.off('exit', atExit)
  }

  process.on('exit', atExit)
  try {
    if (isNew) await initialise()
    await start()
    const url = `postgresql://${USER}:${password}@127.0.0.1:${port}/${DATABASE}?sslmode=disable`
    const urlFile = join(folder, 'url')
    await writeFile(urlFile, `${url}\n`, { mode: 0o600 })
    return {
      port,
      password,
      url,
      urlFile,
      folder,
      pid: () => running?.pid,
      stop: () => end('SIGINT'),
      kill,
      start,
      async startAsStandby() {
        await writeFile(join(data, 'standby.signal'), '')
        await own(join(data, 'standby.signal'))
        await start()
      },
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

async function keptFolder(path: string): Promise<string> {
  const folder = resolve(path)
  await mkdir(folder, { recursive: true }).catch((error) => {
    throw new CodedError('OCC_POSTGRES_START', `${folder} cannot be made: ${messageOf(error)}`)
  })
  return folder
}

/** An already ended process is fine. */
function kill9(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if (codeOf(error) !== 'ESRCH') throw error
  }
}

/** Removes folders of runs whose process is gone, as after a power failure. */
async function removeLeftovers(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const owner = new RegExp(`^${PREFIX}(\\d+)-`).exec(name)?.[1]
    if (owner === undefined || isAlive(Number(owner))) continue
    await rm(join(tmpdir(), name), { recursive: true, force: true }).catch(() => {})
  }
}
