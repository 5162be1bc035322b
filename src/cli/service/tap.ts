import { messageOf } from '../../kernel/errors.ts'
import { type Flags, numberOf, objectOf } from '../arguments.ts'
import { interruptSignal } from '../terminal/interrupt.ts'
import type { Io } from '../terminal/io.ts'
import { printable } from '../terminal/printable.ts'
import type { tapFlags } from './flags.ts'
import { type Service, withServices } from './reach.ts'
import { fieldsIn } from './request.ts'

type TapFlags = Flags<typeof tapFlags>

const MAX_TEXT = 400

/**
 * Prints the records that services show, one JSON object a line, until `--count`, Ctrl-C or their end.
 * Exit code 0 if all showed what they have, else 1.
 */
export async function tap(flags: TapFlags, io: Io): Promise<number> {
  const query = queryOf(flags)
  const { count: text } = flags
  const count = text === undefined ? Infinity : numberOf('--count', text, { min: 1, integer: true })
  const { signal, release } = interruptSignal(io)
  const over = new AbortController()
  const until = AbortSignal.any([signal, over.signal])
  let printed = 0

  function print(name: string, data: string): void {
    if (printed >= count) return
    io.stdout.write(`${JSON.stringify({ pod: name, ...fieldsIn(data) })}\n`)
    printed += 1
    if (printed >= count) over.abort()
  }

  /** Whether it showed records until the end. */
  async function one({ name, url }: Service, token: string): Promise<boolean> {
    try {
      const response = await fetch(new URL(`/api/v1/tap?${query}`, url), {
        headers: { authorization: `Bearer ${token}` },
        redirect: 'error',
        signal: until,
      })
      if (!response.ok || response.body === null) {
        const { detail = 'this is not onchain-consumer' } = fieldsIn(await response.text())
        say(`${name} answers ${response.status}: ${detail}`)
        return false
      }
      for await (const { event, data } of eventsOf(response.body)) {
        if (event === 'record') print(name, data)
        if (event === 'end') say(`${name}: ${fieldsIn(data)['reason']}`)
      }
      return true
    } catch (error) {
      if (until.aborted) return true
      const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
      say(`${name} does not answer: ${messageOf(cause)}`)
      return false
    }
  }

  function say(line: string): void {
    io.stderr.write(`${printable(line, MAX_TEXT)}\n`)
  }

  try {
    return await withServices(flags, { services: 'all', token: true }, io, async (reached) => {
      const { services, silent, token } = reached
      for (const { name, reason } of silent) say(`${name} ${reason}`)
      const shown = await Promise.all(services.map((each) => one(each, token)))
      return silent.length === 0 && shown.every(Boolean) ? 0 : 1
    })
  } finally {
    release()
  }
}

function queryOf({ topic, handler, filter }: TapFlags): URLSearchParams {
  const query = new URLSearchParams()
  if (topic !== undefined) query.set('topic', topic)
  if (handler !== undefined) query.set('handler', handler)
  const rules = objectOf('--filter', filter)
  if (rules !== undefined) query.set('filter', JSON.stringify(rules))
  return query
}

async function* eventsOf(body: ReadableStream<Uint8Array>) {
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of body) {
    const messages = (text + decoder.decode(chunk, { stream: true })).split('\n\n')
    text = messages.pop() ?? ''
    for (const message of messages) {
      const [, event = '', data = ''] = /^event: (.*)\ndata: (.*)$/.exec(message) ?? []
      if (event !== '') yield { event, data }
    }
  }
}
