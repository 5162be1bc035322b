// A program like the service: handles two messages, one of which fails, and ends at once.
import { silentLog } from '../../../src/kernel/log.ts'
import { createTracing } from '../../../src/tracing/tracing.ts'
import { createPipeline } from '../handle/parts.ts'

const config = { every: 1, maxPerSecond: 0, parents: 'follow' } as const
const tracing = createTracing(config, silentLog)
if (tracing === null) throw new Error('no SDK was found')
const handle = (message: { readonly document: unknown }) => {
  if (message.document === 'bad') throw new TypeError('it is bad')
}
const { calls } = tracing.ofGroup('whales')
const it = createPipeline([{ name: 'one', handle }], { loaded: { tracing: calls } })
await it.process(1)
await it.process(2, 'bad')
await tracing.flush()
process.exit()
