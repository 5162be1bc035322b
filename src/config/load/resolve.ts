import { resolve } from 'node:path'
import { fields } from '../schema/catalog.ts'
import type { Settings } from '../schema/index.ts'
import type { Config, SaslConfig, SinkConfig, TlsConfig } from '../types.ts'
import { deepFreeze, isRaw, setAt, valueAt } from './layers.ts'
import { defaultMaxBytes } from './memory-limit.ts'

/**
 * Makes file paths absolute, in place, so that nothing depends on the working directory later.
 * Returns the original values by key: a password written instead of its path must not turn into a
 * path, which may be shown.
 * @param folderOf Where the relative path of a key begins: for what the file sets, its own folder.
 */
export function resolvePaths(
  settings: Settings,
  folderOf: (key: string) => string,
): ReadonlyMap<string, string> {
  const written = new Map<string, string>()
  for (const { kind, path, key } of fields) {
    const value = valueAt(settings, path)
    if (kind !== 'file' || typeof value !== 'string') continue
    written.set(key, value)
    setAt(settings, path, resolve(folderOf(key), value))
  }
  for (const rule of settings.decode.topics) {
    if (rule.schema !== undefined) rule.schema = resolve(folderOf('decode.topics'), rule.schema)
  }
  for (const handler of settings.handlers) {
    const folder = folderOf('handlers')
    resolveKeys(handler, ['path'], folder)
    resolveKeys(handler.filter, ['addressesFile'], folder)
    resolveFiles(handler.options, folder)
  }
  for (const alert of settings.alerts) {
    resolveKeys(alert.filter, ['addressesFile'], folderOf('alerts'))
  }
  for (const [name, sink] of Object.entries(settings.sinks)) {
    for (const [key, value] of resolveAll(sink, folderOf('sinks'))) {
      written.set(`sinks.${name}.${key}`, value)
    }
  }
  return written
}

/**
 * The options of a handler are its own affair, but what ends in `File` is a path, as everywhere in
 * a configuration. In place.
 */
export function resolveFiles(options: object, folder: string): void {
  const names = Object.keys(options).filter((name) => name.endsWith('File'))
  resolveKeys(options, names, folder)
}

/** The same for all keys of a sink, those of its sections included. */
function resolveAll(values: object, folder: string): Array<readonly [string, string]> {
  const inside = Object.entries(values).flatMap(([section, part]) =>
    isRaw(part)
      ? resolveAll(part, folder).map(([key, value]) => [`${section}.${key}`, value] as const)
      : [],
  )
  return [...resolveKeys(values, Object.keys(values), folder), ...inside]
}

/**
 * Resolves those of the keys that are set and name files, in place; returns the original values.
 */
function resolveKeys(
  values: object | undefined,
  keys: readonly string[],
  folder: string,
): Array<readonly [string, string]> {
  if (values === undefined) return []
  return keys.flatMap((key) => {
    const value: unknown = Reflect.get(values, key)
    if (typeof value !== 'string' || !/(^path|File)$/.test(key)) return []
    Reflect.set(values, key, resolve(folder, value))
    return [[key, value] as const]
  })
}

/** The frozen config of settings that passed all checks. */
export function toConfig(settings: Settings): Config {
  const { properties: _mapped, ...kafka } = settings.kafka
  const { deadLetters } = settings
  const sinks = Object.entries(settings.sinks).map(([name, sink]): [string, SinkConfig] => {
    if (!('sasl' in sink)) return [name, sink]
    const own = sink.brokers === undefined ? notSecured(sink) : sink
    return [name, { ...sink, ...toSecurity(own) }]
  })
  return deepFreeze({
    ...settings,
    sinks: Object.fromEntries(sinks),
    kafka: { ...kafka, ...toSecurity(kafka) },
    flow: { ...settings.flow, maxBytes: settings.flow.maxBytes ?? defaultMaxBytes() },
    deadLetters: {
      ...deadLetters,
      // Only for another cluster: on the same one the settings of `kafka` apply.
      kafka: {
        ...deadLetters.kafka,
        ...toSecurity(isElsewhere(deadLetters) ? deadLetters.kafka : notSecured(deadLetters.kafka)),
      },
    },
  })
}

function isElsewhere({ target, kafka }: Settings['deadLetters']): boolean {
  return target === 'kafka' && kafka.brokers !== undefined
}

type Secured = Pick<Settings['kafka'], 'securityProtocol' | 'sasl' | 'tls'>

/** For the cluster of `kafka`, whose settings apply. */
function notSecured(cluster: Secured): Secured {
  return { ...cluster, securityProtocol: 'PLAINTEXT' }
}

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
