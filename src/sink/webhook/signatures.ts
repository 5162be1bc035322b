import { createHmac } from 'node:crypto'
import { OccError } from '../../kernel/errors.ts'

/** What is signed: the bytes that are sent, under an id and a time. */
export interface Signable {
  readonly id: string
  /** Seconds since the epoch. */
  readonly timestamp: number
  readonly body: Buffer
}

export type SignatureForm = 'standard' | 'github' | 'stripe'

/** Headers that sign a request with each of the keys, the first one first. */
type Sign = (message: Signable, keys: readonly [string, ...string[]]) => Record<string, string>

/** The forms that receivers verify. */
export const signatureForms: Readonly<Record<SignatureForm, Sign>> = {
  /** https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md */
  standard: ({ id, timestamp, body }, keys) => ({
    'webhook-signature': keys
      .map((key) => `v1,${mac(standardKey(key), [`${id}.${timestamp}.`, body], 'base64')}`)
      .join(' '),
  }),
  /** https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries: one key */
  github: ({ body }, [key]) => ({ 'x-hub-signature-256': `sha256=${mac(key, [body], 'hex')}` }),
  /** https://docs.stripe.com/webhooks#verify-manually */
  stripe: ({ timestamp, body }, keys) => ({
    'stripe-signature': [
      `t=${timestamp}`,
      ...keys.map((key) => `v1=${mac(key, [`${timestamp}.`, body], 'hex')}`),
    ].join(),
  }),
}

function mac(
  key: string | Buffer,
  parts: readonly (string | Buffer)[],
  encoding: 'hex' | 'base64',
): string {
  const hmac = createHmac('sha256', key)
  for (const part of parts) hmac.update(part)
  return hmac.digest(encoding)
}

const PREFIX = 'whsec_'

/** The bytes of a key as Standard Webhooks writes it. Throws OCC_WEBHOOK_KEY, without the key. */
function standardKey(text: string): Buffer {
  const encoded = text.startsWith(PREFIX) ? text.slice(PREFIX.length) : ''
  const key = Buffer.from(encoded, 'base64')
  if (key.length >= 24 && key.length <= 64 && key.toString('base64') === padded(encoded)) return key
  throw new OccError(
    'OCC_WEBHOOK_KEY',
    'A line of secretFile is no key of Standard Webhooks. Remedy: write whsec_ and 24 to 64 random bytes in base64: echo "whsec_$(openssl rand -base64 32)"',
    { retriable: true },
  )
}

function padded(base64: string): string {
  return base64.padEnd(Math.ceil(base64.length / 4) * 4, '=')
}
