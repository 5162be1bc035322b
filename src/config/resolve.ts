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
  const { sasl, tls, properties: _mapped, ...kafka } = settings.kafka
  return deepFreeze({
    ...settings,
    kafka: {
      ...kafka,
      sasl: kafka.securityProtocol.startsWith('SASL') ? toSasl(sasl) : undefined,
      tls: kafka.securityProtocol.endsWith('SSL') ? toTls(tls) : undefined,
    },
  })
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
