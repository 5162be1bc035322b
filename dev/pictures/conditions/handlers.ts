import { asking, many } from './records.ts'
import type { Stage } from './stage.ts'

export async function stalled({ createTopic, send, sees, pod }: Stage): Promise<void> {
  await createTopic('stalled')
  const service = await pod('stalled', { topics: ['stalled'] })
  await sees(service, 'keeping-up')
  await send('stalled', [asking('hang'), ...many(20, '')])
  await sees(service, 'stalled')
}

/** It is waited for as long as it takes: the limit is that of the alert. */
export async function inFlightLong({ createTopic, send, sees, pod }: Stage): Promise<void> {
  await createTopic('flight')
  const service = await pod('flight', { topics: ['flight'] })
  await send('flight', [asking('hang')])
  await sees(service, 'in-flight-long', { isNote: true, patience: 400_000 })
}

export async function workersDie({ createTopic, send, sees, pod }: Stage): Promise<void> {
  await createTopic('workers')
  const config = { processing: { workers: 1 }, retry: { attempts: 4, backoff: '100ms' } }
  const service = await pod('workers', { topics: ['workers'], config })
  await send('workers', [asking('die'), asking('')])
  await sees(service, 'workers-die', { isNote: true })
}
