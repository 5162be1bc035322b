import { type MetricDefinition, one } from './definition.ts'

/** Pauses by operators, and the state of a changed configuration. */
export const adminMetrics: readonly MetricDefinition[] = [
  {
    name: 'onchain_consumer_operator_pause',
    type: 'gauge',
    unit: 'always 1',
    labels: ['topic', 'partition', 'handler'],
    help: 'One series for each topic, partition or handler that an operator has paused in this process; the other labels are empty.',
    read: ({ status: { pauses, circuits } }) => [
      ...pauses.map(({ topic, partition = '' }) => ({
        labels: { topic, partition, handler: '' },
        value: 1,
      })),
      ...circuits
        .filter(({ state }) => state === 'held')
        .map(({ handler }) => ({ labels: { topic: '', partition: '', handler }, value: 1 })),
    ],
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
