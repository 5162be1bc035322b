import { codeOf, messageOf, OccError } from '../../kernel/errors.ts'
import type { Log } from '../../kernel/log.ts'
import type { Clock } from '../../kernel/time/clock.ts'
import { retryAfter } from '../../kernel/time/retry-after.ts'
import type { SinkMeter } from '../../observe/types.ts'
import { createBatcher } from '../batcher.ts'
import { judge } from '../webhook/answers.ts'
import { createDeliveries } from '../webhook/deliveries.ts'
import { fingerprintOf, refuseLarge, toMessage, type WebhookMessage } from '../webhook/messages.ts'
import { createPace } from '../webhook/pace.ts'
import { type Answer, createPoster, type PosterOptions } from '../webhook/post.ts'
import { refusePrivate } from '../webhook/private-addresses.ts'
import { type RequestOptions, receiverOf, requestOf } from '../webhook/requests.ts'
import { templateOf } from '../webhook/templates/index.ts'
import type { EmitSink } from './types.ts'

export interface WebhookSinkOptions extends RequestOptions, PosterOptions {
  readonly batch: { readonly values: number; readonly bytes: number; readonly within: number }
  readonly maxPerSecond?: number | undefined
  /** Requests at a time. */
  readonly concurrency: number
  readonly maxBytes: number
}

/**
 * Sends values as requests; acknowledged by a status of 2xx. One attempt at a time: what fails is
 * emitted again with its record, and has the same `webhook-id` then.
 */
export function createWebhookSink(
  options: WebhookSinkOptions,
  clock: Clock,
  log: Log,
  meter: Pick<SinkMeter, 'requests'>,
): EmitSink {
  const { batch, maxBytes, chat } = options
  const template = templateOf(options.template)
  const isList = batch.values > 1
  const poster = createPoster(options)
  const pace = createPace(options.maxPerSecond ?? template?.perSecond({ chat }))
  const deliveries = createDeliveries(clock)
  /** The URL that wants nothing more. */
  let gone: string | null = null
  const batcher = createBatcher<WebhookMessage>({
    write: send,
    sizeOf: ({ value }) => value.length,
    maxItems: batch.values,
    maxBytes: Math.min(batch.bytes, maxBytes),
    within: isList ? batch.within : 0,
    writers: options.concurrency,
    isolates: isRefusal,
    // Every other request would meet the same.
    failsAll: (error) => !isRefusal(error),
  })

  async function send(messages: readonly WebhookMessage[]): Promise<void> {
    await pace.turn()
    const [first, ...others] = messages
    if (first === undefined) return
    const receiver = await receiverOf(options)
    const { url } = receiver
    if (gone === url.href) throw stillGone(url)
    const timestamp = Math.floor(clock.now() / 1000)
    const request = requestOf([first, ...others], receiver, options, timestamp)
    refuseLarge(request.body.length, maxBytes)
    meter.requests += 1
    const answer = await poster.post(request)
    obey(answer)
    try {
      judge(answer, receiver)
    } catch (error) {
      if (codeOf(error) === 'OCC_WEBHOOK_GONE') {
        gone = url.href
        log.error({ event: 'webhook.gone', host: url.host }, messageOf(error))
      }
      throw error
    }
  }

  /** Nothing is sent before the time that the answer names. */
  function obey(answer: Answer): void {
    const isBusy = answer.status === 429 || answer.status === 503
    const asked = isBusy ? retryAfter(answer, clock.now()) : null
    const wait = template?.waitOf?.(answer) ?? asked
    if (wait !== null) pace.hold(wait)
  }

  return {
    /** Sends nothing: whoever starts a service wants no message of it. */
    async check() {
      const { url, headersOf } = await receiverOf(options)
      headersOf({ id: 'check', timestamp: 0, body: Buffer.alloc(0) })
      if (!options.allowPrivate) await refusePrivate(url)
    },
    async write(item) {
      const message = toMessage(item)
      await deliveries.once(fingerprintOf(message), () => batcher.add(message))
    },
    async close() {
      // What waits was not acknowledged: its records are not finished and come again.
      pace.stop()
      await batcher.idle()
      poster.close()
    },
  }
}

function isRefusal(error: unknown): boolean {
  return codeOf(error) === 'OCC_EMIT_REFUSED'
}

function stillGone({ host }: URL): OccError {
  const text = `${host} has answered 410, gone, and nothing is sent there. Remedy: write another URL, or restart to try it again`
  return new OccError('OCC_WEBHOOK_GONE', text, { retriable: true })
}
