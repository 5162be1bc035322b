import { resolve } from 'node:path'
import { fields } from './catalog.ts'
import { deepFreeze, setAt, valueAt } from './layers.ts'
import type { Settings } from './schema.ts'
import type { Config, SaslConfig, TlsConfig } from './types.ts'

/**
 * Makes paths of files absolute, in place, so that nothing depends on the directory later. Returns
 * them as they were written, by key: a password in the place of its path must not become a path
 * that may be shown.
 */
export function resolvePaths(settings: Settings, cwd: string): ReadonlyMap<string, string> {
  const written = new Map<string, string>()
  for (const { kind, path, key } of fields) {
    const value = valueAt(settings, path)
    if (kind !== 'file' || typeof value !== 'string') continue
    written.set(key, value)
    setAt(settings, path, resolve(cwd, value))
  }
  return written
}

/** The frozen config of settings that have passed all checks. */
export function toConfig(settings: Settings): Config {
  const { properties: _mapped, ...kafka } = settings.kafka
  const { deadLetters } = settings
  return deepFreeze({
    ...settings,
    kafka: { ...kafka, ...toSecurity(kafka) },
    deadLetters: {
      ...deadLetters,
      // Of another cluster only: on the same one its own settings count.
      kafka: {
        ...deadLetters.kafka,
        ...toSecurity({
          ...deadLetters.kafka,
          ...(isElsewhere(deadLetters) ? {} : { securityProtocol: 'PLAINTEXT' }),
        }),
      },
    },
  })
}

function isElsewhere({ target, kafka }: Settings['deadLetters']): boolean {
  return target === 'kafka' && kafka.brokers !== undefined
}

type Secured = Pick<Settings['kafka'], 'securityProtocol' | 'sasl' | 'tls'>

function toSecurity({ securityProtocol, sasl, tls }: Secured) {
  return {
    sasl: securityProtocol.startsWith('SASL') ? toSasl(sasl) : undefined,
    tls: securityProtocol.endsWith('SSL') ? toTls(tls) : undefined,
  }
}

function toSasl(sasl: Settings['kafka']['sasl']): SaslConfig {
  const { mechanism, username, usernameFile, passwordFile } = sasl
  if (mechanism === undefined || passwordFile === undefined) {
    throw new Error('SASL settings are incomplete: they must be checked before they are resolved')
  }
  return { mechanism, username, usernameFile, passwordFile }
}

function toTls(tls: Settings['kafka']['tls']): TlsConfig {
  const { caFile, certificateFile, keyFile, keyPassphraseFile, verify } = tls
  return { caFile, certificateFile, keyFile, keyPassphraseFile, verify }
}
