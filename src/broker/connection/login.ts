import type { KafkajsConnection } from './kafkajs-internals.ts'
import type { OfferedVersions } from './versions.ts'

const SASL_AUTHENTICATE = 36
const MAX_BEFORE_SESSION_END = 10_000

/**
 * Logs in where the connection has credentials, else does nothing. Where the broker ends sessions
 * (`connections.max.reauth.ms`) kafkajs logs in again before the first request of the last 10 s;
 * with sessions of less than that it would before every request, which brokers refuse. Here it
 * is the last tenth of a session, if that is less.
 */
export async function logIn(
  connection: KafkajsConnection,
  offered: OfferedVersions,
): Promise<void> {
  const versions = [...offered.values()].map(({ key, min, max }) => [
    key,
    { minVersion: min, maxVersion: max },
  ])
  connection.setVersions(Object.fromEntries(versions))
  connection.setSupportAuthenticationProtocol(offered.has(SASL_AUTHENTICATE))
  await connection.authenticate()
  const lifetime = Number(connection.sessionLifetime.toString())
  connection.reauthenticationThreshold = Math.min(MAX_BEFORE_SESSION_END, lifetime / 10)
}
