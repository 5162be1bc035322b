import { hideSecrets } from '../../kernel/text/redact-text.ts'
import { formatBytes, formatDuration } from '../../kernel/text/units.ts'
import { type Field, fields } from '../schema/catalog.ts'
import type { Config } from '../types.ts'
import { valueAt } from './layers.ts'
import type { Origins } from './load.ts'

/** Always shown; other keys only if they are set. */
const ALWAYS: ReadonlySet<string> = new Set([
  'kafka.brokers',
  'kafka.topics',
  'kafka.groupId',
  'kafka.securityProtocol',
  'kafka.autoOffsetReset',
  'kafka.consumers',
  'commit.mode',
  'flow.maxBytes',
  'deadLetters.target',
  'http.port',
])

const SECRETS: ReadonlySet<string> = new Set([
  'kafka.sasl.passwordFile',
  'kafka.sasl.usernameFile',
  'kafka.tls.keyFile',
  'kafka.tls.keyPassphraseFile',
  'deadLetters.kafka.sasl.passwordFile',
  'deadLetters.kafka.sasl.usernameFile',
  'deadLetters.kafka.tls.keyFile',
  'deadLetters.kafka.tls.keyPassphraseFile',
  'deadLetters.postgres.urlFile',
  'offsets.postgres.urlFile',
  'parked.postgres.urlFile',
  'decode.registry.usernameFile',
  'decode.registry.passwordFile',
  'decode.registry.tokenFile',
  'admin.tokenFile',
  'admin.readTokenFile',
])

export interface EffectiveSetting {
  readonly key: string
  /** For reading; secrets are `from file <path>`. */
  readonly value: string
  /** `default`, `file`, the environment variable, or the pasted property. */
  readonly origin: string
}

/** The most important settings, and all that are set. */
export function effectiveSettings(config: Config, origins: Origins): readonly EffectiveSetting[] {
  return fields.flatMap((field) => {
    const value = valueAt(config, field.path)
    const origin =
      origins.sources.get(field.key) ?? (origins.given.has(field.key) ? 'file' : 'default')
    if (value === undefined) return []
    if (origin === 'default' && !ALWAYS.has(field.key)) return []
    // The options of a handler can be anything, such as a URL with a password.
    return [{ key: field.key, value: hideSecrets(readable(field, value)), origin }]
  })
}

function readable(field: Field, value: unknown): string {
  if (SECRETS.has(field.key)) return `from file ${String(value)}`
  if (field.kind === 'duration' && typeof value === 'number') return formatDuration(value)
  if (field.kind === 'bytes' && typeof value === 'number') return formatBytes(value)
  if (field.kind === 'list' && Array.isArray(value)) return value.join(', ')
  return typeof value === 'string' && value !== '' ? value : JSON.stringify(value)
}
