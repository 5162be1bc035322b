import type { KafkajsConnection } from './kafkajs-internals.ts'
import type { OfferedVersions } from './versions.ts'

const SASL_AUTHENTICATE = 36
const MAX_BEFORE_SESSION_END = 10_000

/**
 * Logs in if the connection has credentials. If the broker ends sessions
 * (`connections.max.reauth.ms`), kafkajs logs in again before the first request of the last 10 s.
 * With shorter sessions that would be before every request, which brokers refuse, so here it is the
 * last tenth of such a session.
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
