import { readFileSync } from 'node:fs'
import net from 'node:net'
import tls from 'node:tls'
import type { ISocketFactory, SASLOptions } from 'kafkajs'
import type { TlsConfig } from '../../config/types.ts'
import { messageOf, OccError } from '../../kernel/errors.ts'
import { secretIn } from '../../kernel/text/secret.ts'
import type { SecurityOptions } from '../types.ts'
import { formatAddress, fromKafkajsHost } from './address.ts'

const KEEP_ALIVE_DELAY = 60_000
/** Most answers are smaller; it holds the beginning of larger ones. */
const READ_BYTES = 16 * 1024

/**
 * Errors that kafkajs does not pass on: the last one of a socket, and of an attempt it gave up on.
 */
export interface SocketErrors {
  last: {
    readonly address: string
    readonly error: Error
    /** Whether a client certificate was configured. */
    readonly clientCertificate: boolean
  } | null
  /** kafkajs looks for the group's coordinator and then reports only that there is none. */
  coordinator: Error | null
}

/**
 * Creates the sockets of all kafkajs connections, so certificate files that were replaced on disk
 * are used from the next connection on. The chain is always verified; `verify: ca` skips only the
 * host name, for brokers whose certificate has no SAN.
 *
 * A socket reads into memory that it reuses, so whoever keeps data copies it (response-buffer.ts).
 * New memory for each read would double the memory traffic.
 * @param place where to put the next bytes, if known
 */
export function createSocketFactory(
  security: SecurityOptions,
  socketErrors: SocketErrors,
  place: () => Buffer | undefined = () => undefined,
): ISocketFactory {
  const encrypted = security.protocol === 'SSL' || security.protocol === 'SASL_SSL'
  const clientCertificate = security.tls?.certificateFile !== undefined
  return ({ host: asked, port, onConnect }) => {
    const host = fromKafkajsHost(asked)
    const failed = (error: Error) => {
      socketErrors.last = { address: formatAddress({ host, port }), error, clientCertificate }
    }
    const socket = connect()
    socket.setKeepAlive(true, KEEP_ALIVE_DELAY)
    socket.setNoDelay(true)
    socket.on('error', failed)
    // An earlier error would explain the next one wrongly.
    socket.once(encrypted ? 'secureConnect' : 'connect', () => {
      socketErrors.last = null
    })
    return socket

    function connect(): net.Socket {
      const memory = Buffer.allocUnsafeSlow(READ_BYTES)
      let next: Buffer = memory
      const buffer = () => {
        next = place() ?? memory
        return next
      }
      const callback = (size: number) => {
        socket.emit('data', next.subarray(0, size))
        return true
      }
      // TLS accepts it too, but the types do not know that.
      const reading = { port, onread: { buffer, callback } }
      if (!encrypted) return net.connect({ host, ...reading }, onConnect)
      try {
        const options = tlsOptions(host, security.tls ?? { verify: 'full' })
        return tls.connect({ ...options, ...reading }, onConnect)
      } catch (error) {
        if (error instanceof Error) failed(error)
        throw error
      }
    }
  }
}

function tlsOptions(host: string, options: TlsConfig): tls.ConnectionOptions {
  const passphrase = readSecret(options.keyPassphraseFile)
  return {
    host,
    ...(net.isIP(host) ? {} : { servername: host }),
    rejectUnauthorized: true,
    ...(options.caFile === undefined ? {} : { ca: read(options.caFile) }),
    ...(options.certificateFile === undefined ? {} : { cert: read(options.certificateFile) }),
    ...(options.keyFile === undefined ? {} : { key: read(options.keyFile) }),
    ...(passphrase === undefined ? {} : { passphrase }),
    ...(options.verify === 'ca' ? { checkServerIdentity: () => undefined } : {}),
  }
}

/**
 * The credentials as getters that read their files, so that a rotated password is used from the
 * next connection on. kafkajs reads both properties at each login.
 * @throws OccError OCC_FILE_UNREADABLE
 */
export function createSasl(security: SecurityOptions): SASLOptions | undefined {
  const { sasl } = security
  if (sasl === undefined || !security.protocol.startsWith('SASL')) return undefined
  const mechanisms = {
    PLAIN: 'plain',
    'SCRAM-SHA-256': 'scram-sha-256',
    'SCRAM-SHA-512': 'scram-sha-512',
  } as const
  // kafkajs would hide the reason behind a second login attempt.
  readSecret(sasl.usernameFile)
  readSecret(sasl.passwordFile)
  return {
    mechanism: mechanisms[sasl.mechanism],
    get username() {
      return readSecret(sasl.usernameFile) ?? sasl.username ?? ''
    },
    get password() {
      return readSecret(sasl.passwordFile) ?? ''
    },
  } as SASLOptions
}

function readSecret(file: string | undefined): string | undefined {
  return file === undefined ? undefined : read(file, secretIn)
}

function read<Content = Buffer>(file: string, from = (bytes: Buffer) => bytes as Content): Content {
  try {
    return from(readFileSync(file))
  } catch (error) {
    throw new OccError('OCC_FILE_UNREADABLE', `Cannot read ${file}: ${messageOf(error)}`, {
      cause: error,
      retriable: true,
    })
  }
}
