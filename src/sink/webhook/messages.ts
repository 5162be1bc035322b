import { createHash } from 'node:crypto'
import { OccError } from '../../kernel/errors.ts'
import type { TraceHeaders } from '../../kernel/tracing.ts'
import type { EmittedItem } from '../emit/types.ts'
import type { Notice } from './templates/template.ts'

/** One value on its way. */
export interface WebhookMessage {
  /** `webhook-id`: the same whenever the same result is emitted, by whichever process. */
  readonly id: string
  readonly item: Pick<EmittedItem, 'id' | 'handler' | 'key' | 'form'>
  readonly value: Buffer
  /** It is sent once more by an operator's wish. */
  readonly isReplay: boolean
  /** Goes with its request. Absent: it comes of no trace. */
  readonly trace?: TraceHeaders
}

/** @throws OccError OCC_EMIT_VALUE */
export function toMessage(given: EmittedItem): WebhookMessage {
  const { id, handler, key, form, value, replay: isReplay = false, trace } = given
  const item = { id, handler, key, form }
  return {
    id: messageId([`${handler}\0${id}`]),
    item,
    value,
    isReplay,
    ...(trace && { trace: trace.headers }),
  }
}

/** Standard Webhooks allows no full stop in an id, and ids of handlers can be anything. */
export function messageId(parts: readonly string[]): string {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part).update('\0')
  return `msg_${hash.digest('base64url').slice(0, 27)}`
}

/** Tells repeats from other values under the same id, and from what is to be sent once more. */
export function fingerprintOf({ id, value, isReplay }: WebhookMessage): string {
  return `${id}/${isReplay ? 'replay/' : ''}${createHash('sha256').update(value).digest('base64')}`
}

const TYPES = {
  json: 'application/json',
  text: 'text/plain; charset=utf-8',
  bytes: 'application/octet-stream',
}

/** The value itself. */
export function singleBody({ item, value }: WebhookMessage) {
  return { type: TYPES[item.form], body: value }
}

/** A list of `{id, key, handler, value}`, as the sink `file` writes them. */
export function batchBody(messages: readonly WebhookMessage[]) {
  const parts = messages.map(({ item: { form, ...head }, value }) => {
    const text = value.toString(form === 'bytes' ? 'base64' : 'utf8')
    const shown = form === 'json' ? text : JSON.stringify(text)
    return `${JSON.stringify(head).slice(0, -1)},"value":${shown}}`
  })
  return { type: TYPES.json, body: Buffer.from(`[${parts.join()}]`) }
}

/** What a template needs of it. */
export function noticeOf({ id, item, value }: WebhookMessage, timestamp: number): Notice {
  const text = value.toString(item.form === 'bytes' ? 'base64' : 'utf8')
  const parsed: unknown = item.form === 'json' ? JSON.parse(text) : text
  const field = (name: string): unknown =>
    typeof parsed === 'object' && parsed !== null ? Reflect.get(parsed, name) : undefined
  const said = [parsed, field('message'), field('text')].find((one) => typeof one === 'string')
  const incident = field('incident')
  return {
    value: parsed,
    text: typeof said === 'string' ? said : text,
    key: typeof incident === 'string' ? incident : id,
    isResolved: field('state') === 'resolved',
    timestamp,
  }
}

/** @throws OccError OCC_EMIT_REFUSED */
export function refuseLarge(bytes: number, maxBytes: number): void {
  if (bytes <= maxBytes) return
  throw new OccError(
    'OCC_EMIT_REFUSED',
    `The value has ${bytes} bytes, and maxBytes of the sink is ${maxBytes}. Remedy: emit less, or raise maxBytes`,
  )
}
