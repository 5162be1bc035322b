import type { Pause } from '../../kernel/shapes/pause-target.ts'
import { type MetricDefinition, one } from './definition.ts'

const LABELS = ['topic', 'partition', 'handler']

function labelsOf(pause: Pause) {
  if ('handler' in pause) return { topic: '', partition: '', handler: pause.handler }
  return { topic: pause.topic, partition: pause.partition ?? '', handler: '' }
}

/** Pauses by operators, and the state of a changed configuration. */
export const adminMetrics: readonly MetricDefinition[] = [
  {
    name: 'onchain_consumer_operator_pause',
    type: 'gauge',
    unit: 'always 1',
    labels: LABELS,
    help: 'One series for each topic, partition or handler that an operator has paused for the group; the other labels are empty.',
    read: ({ status: { pauses } }) =>
      pauses.map((pause) => ({ labels: labelsOf(pause), value: 1 })),
  },
  {
    name: 'onchain_consumer_operator_pause_end_timestamp_seconds',
    type: 'gauge',
    unit: 'seconds since the epoch',
    labels: LABELS,
    help: 'When a pause by an operator ends by itself; no series for a pause without an end.',
    read: ({ status: { pauses } }) =>
      pauses.flatMap((pause) =>
        pause.until === null ? [] : [{ labels: labelsOf(pause), value: pause.until / 1000 }],
      ),
  },
  {
    name: 'onchain_consumer_config_valid',
    type: 'gauge',
    unit: '0 or 1',
    labels: [],
    help: '0 while the configuration file is invalid, so that the previous settings stay in effect; the log says why.',
    read: one(({ status }) => Number(status.config.valid)),
  },
  {
    name: 'onchain_consumer_config_pending_restart',
    type: 'gauge',
    unit: '0 or 1',
    labels: [],
    help: '1 while the configuration file has changes that wait for a restart; the log names the keys.',
    read: one(({ status }) => Number(status.config.pendingRestart.length > 0)),
  },
]
