import * as z from 'zod'
import { templateNames } from '../../../kernel/names.ts'
import {
  boolean,
  bytes,
  type Complaint,
  checked,
  choice,
  duration,
  file,
  integer,
  text,
} from '../fields.ts'
import { fallback, type SinkSchema } from './sink-schema.ts'

function checkUrl(url: string): Complaint | undefined {
  const parsed = URL.canParse(url) ? new URL(url) : null
  if (parsed === null || !/^https?:$/.test(parsed.protocol)) {
    return ['is not a URL of HTTP', 'write https://host/path']
  }
  if (parsed.username === '' && parsed.password === '') return undefined
  return ['holds a password', 'put it into urlFile, or an Authorization header into headersFile']
}

const batch = z.strictObject({
  values: integer(1, 10_000).prefault(1),
  bytes: bytes('1KiB', '64MiB').prefault('256KiB'),
  within: duration('0ms', '1m').prefault('100ms'),
})

export const webhook = {
  form: '{type: webhook, url, urlFile, template, tokenFile, chat, secretFile, signature, headersFile, caFile, allowPrivate, batch, maxPerSecond, concurrency, connectTimeout, timeout, maxBytes, fallback}',
  about:
    '`webhook`: requests to `url`, signed with the keys in `secretFile`; or messages to Slack, Telegram, Discord or PagerDuty with `template` ([webhooks.md](webhooks.md)).',
  schema: z.strictObject({
    type: z.literal('webhook'),
    url: checked(text(), checkUrl).optional(),
    urlFile: file().optional(),
    template: choice(templateNames).optional(),
    tokenFile: file().optional(),
    chat: text().optional(),
    secretFile: file().optional(),
    signature: choice(['standard', 'github', 'stripe']).optional(),
    headersFile: file().optional(),
    caFile: file().optional(),
    allowPrivate: boolean().prefault(false),
    batch: batch.prefault({}),
    maxPerSecond: z.number().min(0.001).max(100_000).optional(),
    concurrency: integer(1, 1_000).prefault(4),
    connectTimeout: duration('100ms', '5m').prefault('5s'),
    timeout: duration('100ms', '10m').prefault('10s'),
    maxBytes: bytes('1KiB', '64MiB').prefault('1MiB'),
    fallback,
  }),
} as const satisfies SinkSchema
