import type { IncomingHttpHeaders } from 'node:http'
import { OccError } from '../../kernel/errors.ts'
import { GONE, RECORD_STATUSES } from '../../kernel/http-status.ts'
import { printable } from '../../kernel/text/printable.ts'
import { REDACTED, redactText } from '../../kernel/text/redact-text.ts'
import { type Answer, isSuccess } from './post.ts'
import type { Receiver } from './receiver.ts'

/** An answer that is no success, as the rules for errors of HTTP understand it. */
class HttpFailure extends Error {
  readonly status: number
  readonly headers: IncomingHttpHeaders

  constructor({ status, headers }: Answer) {
    super(`HTTP status ${status}`)
    this.status = status
    this.headers = headers
  }
}

type JudgedReceiver = Pick<Receiver, 'url' | 'secrets'>

/**
 * Throws unless the receiver has taken the request: OCC_EMIT_REFUSED if it will never take this one,
 * OCC_WEBHOOK_GONE if it takes none any more, else OCC_WEBHOOK.
 */
export function judge(answer: Answer, { url: { host }, secrets }: JudgedReceiver): void {
  const { status } = answer
  if (isSuccess(status)) return
  const cause = new HttpFailure(answer)
  const said = `${host} answers ${status}${excerpt(answer.text, secrets)}`
  if (status >= 300 && status < 400) {
    const text = `${host} answers ${status}, a redirect, and none is followed. Remedy: write the URL that it leads to`
    throw new OccError('OCC_WEBHOOK', text, { cause, retriable: true })
  }
  if (status === GONE) {
    const text = `${said}: it wants nothing more. Remedy: write another URL, or remove the sink`
    throw new OccError('OCC_WEBHOOK_GONE', text, { cause, retriable: true })
  }
  if (RECORD_STATUSES.includes(status)) throw new OccError('OCC_EMIT_REFUSED', said, { cause })
  throw new OccError('OCC_WEBHOOK', said, { cause, retriable: true })
}

const MAX_EXCERPT = 200

/** Receivers say in the body what they did not like. */
function excerpt(text: string, secrets: readonly string[]): string {
  const hidden = secrets.reduce((shown, secret) => shown.replaceAll(secret, REDACTED), text)
  const line = hidden.trim().replaceAll(/\s+/g, ' ').slice(0, MAX_EXCERPT)
  return line === '' ? '' : `: ${redactText(printable(line))}`
}
