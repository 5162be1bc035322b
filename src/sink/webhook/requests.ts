import { batchBody, messageId, noticeOf, singleBody, type WebhookMessage } from './messages.ts'
import { type Receiver, type ReceiverOptions, readReceiver } from './receiver.ts'
import { templateOf } from './templates/index.ts'

export interface RequestOptions extends ReceiverOptions {
  readonly template?: string | undefined
  readonly chat?: string | undefined
  /** With more than one value, requests hold lists. */
  readonly batch: { readonly values: number }
}

/** A request as it is sent. */
export interface WebhookRequest {
  readonly url: URL
  readonly headers: Record<string, string>
  readonly body: Buffer
  readonly ca: string | undefined
}

/** What the files of a receiver say now. Rejects with OCC_WEBHOOK_KEY. */
export function receiverOf(options: RequestOptions): Promise<Receiver> {
  return readReceiver(options, templateOf(options.template)?.url ?? ((given) => given))
}

/** @param timestamp seconds since the epoch */
export function requestOf(
  messages: readonly [WebhookMessage, ...WebhookMessage[]],
  { url, ca, token, headersOf }: Receiver,
  options: RequestOptions,
  timestamp: number,
): WebhookRequest {
  const { id, type, body } = contentOf(messages, options, token, timestamp)
  // A request has one trace: of several values, that of the first that has one.
  const trace = messages.find((message) => message.trace !== undefined)?.trace
  const headers = { ...trace, 'content-type': type, ...headersOf({ id, timestamp, body }) }
  return { url, headers, body, ca }
}

function contentOf(
  messages: readonly [WebhookMessage, ...WebhookMessage[]],
  options: RequestOptions,
  token: string,
  timestamp: number,
) {
  const [first] = messages
  const template = templateOf(options.template)
  if (options.batch.values > 1) {
    return { id: messageId(messages.map(({ id }) => id)), ...batchBody(messages) }
  }
  if (template === null) return { id: first.id, ...singleBody(first) }
  const content = template.bodyOf(noticeOf(first, timestamp), options, token)
  const body = Buffer.from(JSON.stringify(content))
  return { id: first.id, type: 'application/json', body }
}
