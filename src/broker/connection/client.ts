import { Kafka, logLevel } from 'kafkajs'
import type { Log } from '../../kernel/log.ts'
import type { BrokerOptions } from '../types.ts'
import { toKafkajsAddress } from './address.ts'
import { createLogCreator } from './log-bridge.ts'
import { fixRequestQueue } from './request-queue-fix.ts'
import { fillResponsesInPlace } from './response-buffer.ts'
import { createSasl, createSocketFactory, type SocketErrors } from './security.ts'

export interface Client {
  readonly kafka: Kafka
  readonly socketErrors: SocketErrors
}

/**
 * A kafkajs client with our settings, for its admin client and its producer. It retries little,
 * because callers retry themselves and report why.
 */
export function createClient(options: BrokerOptions, log: Log): Client {
  fixRequestQueue()
  fillResponsesInPlace()
  const socketErrors: SocketErrors = { last: null, coordinator: null }
  const sasl = createSasl(options.security)
  const kafka = new Kafka({
    brokers: options.brokers.map(toKafkajsAddress),
    clientId: options.clientId,
    connectionTimeout: options.connectionTimeout,
    authenticationTimeout: options.connectionTimeout,
    requestTimeout: options.requestTimeout,
    // The socket factory sets up TLS; `ssl` would duplicate the settings.
    socketFactory: createSocketFactory(options.security, socketErrors),
    ...(sasl === undefined ? {} : { sasl }),
    retry: { initialRetryTime: 100, maxRetryTime: 1_000, retries: 3 },
    logLevel: logLevel.DEBUG,
    logCreator: createLogCreator(log, (error) => {
      socketErrors.coordinator = error
    }),
  })
  return { kafka, socketErrors }
}
