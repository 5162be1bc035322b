import type { Config } from '../../config/types.ts'
import { sayFatal } from '../../kubernetes/events/fatal-event.ts'
import type { Io } from '../terminal/io.ts'

/** If Events are enabled, records on the pod why the process ends; at most 2 s, never rejects. */
export async function reportFatal(
  reason: 'ConfigurationWrong' | 'ServiceFailed',
  note: string,
  { events, podName, podNamespace }: Config['kubernetes'],
  env: Io['env'],
): Promise<void> {
  if (!events.enabled || podName === undefined || podNamespace === undefined) return
  await sayFatal(reason, note, { podName, podNamespace, env })
}
