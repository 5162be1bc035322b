import type { Socket } from 'node:net'
import { OccError } from '../../kernel/errors.ts'
import type { Log } from '../../kernel/log.ts'
import { explain } from '../errors.ts'
import { type Api, apiVersionsApi, Reader, Writer } from '../protocol/index.ts'
import type { BrokerOptions } from '../types.ts'
import { formatAddress, type LinkTarget } from './address.ts'
import { startDeadline } from './deadline.ts'
import { Connection, type KafkajsConnection } from './kafkajs-internals.ts'
import { createConnectionLogger } from './log-bridge.ts'
import { logIn } from './login.ts'
import { fixRequestQueue } from './request-queue-fix.ts'
import { fillResponsesInPlace, placeOf } from './response-buffer.ts'
import { createSasl, createSocketFactory, type SocketErrors } from './security.ts'
import { chooseVersion, type OfferedVersions, offeredVersions } from './versions.ts'

export type { LinkTarget } from './address.ts'

/** One connection to one broker, opened by the first request and never reopened. */
export interface Link {
  /** `host:port`, IPv6 in brackets. */
  readonly address: string
  /** false once it has failed or was closed. */
  readonly isOpen: boolean
  /**
   * Answers arrive in the order of the requests. A request that is not answered in time ends the
   * link with everything in flight, since later answers would be late too.
   * @param timeout milliseconds from when the connection is established; `requestTimeout` by
   *   default
   * @throws an explained OccError, such as OCC_BROKER_TIMEOUT, OCC_BROKER_TOO_OLD (the link stays
   *   open), OCC_PROTOCOL, OCC_LINK_CLOSED
   */
  send<Request, Response>(
    api: Api<Request, Response>,
    request: Request,
    timeout?: number,
  ): Promise<Response>
  /** Destroys the socket at once and rejects requests in flight. May be called again. */
  close(): void
}

/** Max bytes of an answer before the login: a larger one does not come from a broker. */
const MAX_BEFORE_LOGIN = 1024 * 1024

/** @param section the configuration section of the options, for remedies in errors */
export function openLink(
  target: LinkTarget,
  options: BrokerOptions,
  log: Log,
  section = 'kafka',
): Link {
  fixRequestQueue()
  fillResponsesInPlace()
  return new BrokerLink(target, options, log, section)
}

interface UnderWay {
  reject(error: OccError): void
  callOff(): void
}

/**
 * kafkajs reads and writes the socket and logs in. This class ensures that every request ends:
 * kafkajs leaves requests and even `connect` unanswered if a socket disappears.
 */
class BrokerLink implements Link {
  readonly address: string
  readonly #target: LinkTarget
  readonly #options: BrokerOptions
  readonly #log: Log
  readonly #section: string
  readonly #socketErrors: SocketErrors = { last: null, coordinator: null }
  readonly #underWay = new Set<UnderWay>()
  #failure: OccError | null = null
  #connection: KafkajsConnection | null = null
  #socket: Socket | null = null
  #connected: Promise<OfferedVersions> | null = null
  #isReady = false

  constructor(target: LinkTarget, options: BrokerOptions, log: Log, section: string) {
    this.address = formatAddress(target)
    this.#target = target
    this.#options = options
    this.#log = log
    this.#section = section
  }

  get isOpen(): boolean {
    return this.#failure === null
  }

  send<Request, Response>(
    api: Api<Request, Response>,
    request: Request,
    timeout: number = this.#options.requestTimeout,
  ): Promise<Response> {
    if (this.#failure !== null) return Promise.reject(this.#failure)
    return new Promise((resolve, reject) => {
      const underWay: UnderWay = { reject, callOff() {} }
      this.#underWay.add(underWay)
      this.#exchange(api, request, timeout, underWay)
        .then(resolve, reject)
        .finally(() => {
          underWay.callOff()
          this.#underWay.delete(underWay)
        })
    })
  }

  close(): void {
    this.#end(
      new OccError('OCC_LINK_CLOSED', `The connection to ${this.address} was closed on our side`, {
        retriable: true,
      }),
    )
  }

  async #exchange<Request, Response>(
    api: Api<Request, Response>,
    request: Request,
    timeout: number,
    underWay: UnderWay,
  ): Promise<Response> {
    this.#connected ??= this.#connect()
    const version = chooseVersion(api, await this.#connected, this.address)
    const doing = `${api.name} to ${this.address}`
    if (this.#failure !== null) throw this.#failure
    underWay.callOff = startDeadline(timeout, () => {
      this.#fail(new Error(`no answer within ${Math.round(timeout)} ms`), doing)
    })
    return this.#ask(api, request, version)
  }

  async #ask<Request, Response>(
    api: Api<Request, Response>,
    request: Request,
    version: number,
  ): Promise<Response> {
    const isFlexible = api.flexibleFrom !== undefined && version >= api.flexibleFrom
    const writer = new Writer()
    // The end of the header, which kafkajs writes in an older version.
    if (isFlexible) writer.noTags()
    api.encode(writer, request, version)
    const payload = await this.#exchangeBytes(api, writer, version)
    const reader = new Reader(payload, `${api.name} v${version} answer of ${this.address}`)
    try {
      if (isFlexible) reader.skipTags()
      return api.decode(reader, version)
    } catch (error) {
      if (error instanceof OccError && error.code === 'OCC_PROTOCOL') this.#end(error)
      throw error
    }
  }

  async #exchangeBytes(
    { key: apiKey, name: apiName }: Api<never, unknown>,
    writer: Writer,
    apiVersion: number,
  ): Promise<Buffer> {
    if (this.#connection === null) throw new Error('a request before the connection')
    try {
      return await this.#connection.send({
        request: { apiKey, apiVersion, apiName, encode: async () => writer },
        // Wrapped, so that kafkajs finds no throttle time: fetching handles throttling.
        response: {
          decode: async (payload: Buffer) => ({ payload }),
          parse: async ({ payload }: { payload: Buffer }) => payload,
        },
      })
    } catch (error) {
      throw this.#fail(error, `${apiName} to ${this.address}`)
    }
  }

  /** TCP, TLS, the broker's versions and the login, all within the connection timeout. */
  async #connect(): Promise<OfferedVersions> {
    const { connectionTimeout } = this.#options
    const doing = `Connecting to ${this.address}`
    const callOff = startDeadline(connectionTimeout, () => {
      const isSilent = this.#socket !== null && !this.#socket.connecting
      const text = isSilent
        ? `nothing was answered within ${connectionTimeout} ms`
        : 'Connection timeout'
      this.#fail(new Error(text), doing)
    })
    const connecting: UnderWay = { reject() {}, callOff }
    this.#underWay.add(connecting)
    try {
      const connection = this.#createConnection()
      this.#connection = connection
      await connection.connect()
      const offered = offeredVersions(this.address, await this.#ask(apiVersionsApi, {}, 0))
      await logIn(connection, offered)
      this.#isReady = true
      return offered
    } catch (error) {
      throw this.#fail(error, doing)
    } finally {
      callOff()
      this.#underWay.delete(connecting)
    }
  }

  /** @throws OccError OCC_FILE_UNREADABLE for secrets, which are read again for each connection */
  #createConnection(): KafkajsConnection {
    const { security, clientId, connectionTimeout, requestTimeout } = this.#options
    const place = () => {
      try {
        return this.#failure === null ? placeOf(connection) : undefined
      } catch {
        // Too large to allocate: `processData` reports it.
        return undefined
      }
    }
    const factory = createSocketFactory(security, this.#socketErrors, place)
    const connection: KafkajsConnection = new Connection({
      ...this.#target,
      clientId,
      logger: createConnectionLogger(this.#log),
      sasl: createSasl(security) ?? null,
      socketFactory: (asked) => {
        const socket = factory(asked)
        this.#watch(socket)
        return socket
      },
      // Our own timeout is earlier and more precise.
      connectionTimeout: 2 * connectionTimeout,
      requestTimeout,
      // It would check ten times a second, by the wall clock.
      enforceRequestTimeout: false,
    })
    const processData = connection.processData.bind(connection)
    connection.processData = (chunk) => {
      if (this.#failure !== null) return
      try {
        processData(chunk)
      } catch (error) {
        // kafkajs throws for an answer shorter than its header, which would end the process.
        this.#failBySize(connection, error)
        return
      }
      if (!this.#isReady && connection.bytesNeeded > MAX_BEFORE_LOGIN) this.#failBySize(connection)
    }
    return connection
  }

  /** Listens before kafkajs, which reports a connection lost during a login as a wrong password. */
  #watch(socket: Socket): void {
    this.#socket = socket
    const doing = () => `${this.#isReady ? 'The connection to' : 'Connecting to'} ${this.address}`
    const closed = () => this.#fail(new Error('Closed connection'), doing())
    socket.on('error', (error) => {
      // Only while connecting does a reset mean that nothing listens there.
      const broke = new Error(`Closed connection: ${error.message}`, { cause: error })
      this.#fail(this.#isReady ? broke : error, doing())
    })
    socket.on('end', closed)
    socket.on('close', closed)
  }

  #failBySize({ bytesNeeded }: KafkajsConnection, cause?: unknown): void {
    if (this.#isReady) {
      const text = `The broker ${this.address} sent something that is not an answer`
      this.#end(new OccError('OCC_PROTOCOL', text, { cause, retriable: true }))
      return
    }
    const error = new Error(`does not speak Kafka: an answer of ${bytesNeeded} bytes`, { cause })
    this.#fail(error, `Connecting to ${this.address}`)
  }

  /** Ends the link unless it has ended; returns why it ended. */
  #fail(error: unknown, doing: string): OccError {
    if (this.#failure !== null) return this.#failure
    return this.#end(
      explain(error, doing, this.#socketErrors, {
        section: this.#section,
        givenBy: this.#options.givenBy,
      }),
    )
  }

  #end(failure: OccError): OccError {
    if (this.#failure !== null) return this.#failure
    this.#failure = failure
    for (const { reject, callOff } of this.#underWay) {
      callOff()
      reject(failure)
    }
    this.#underWay.clear()
    this.#log.debug(
      { event: 'link.closed', broker: this.address, code: failure.code },
      'Connection closed',
    )
    const [connection, socket] = [this.#connection, this.#socket]
    const isConnecting = connection !== null && !connection.isConnected()
    connection?.requestQueue.rejectAll(failure)
    connection?.disconnect().catch(() => {})
    // The error makes kafkajs stop connecting; otherwise its timer would keep the process alive.
    socket?.destroy(isConnecting ? failure : undefined)
    return failure
  }
}
