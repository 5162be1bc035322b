import { type MetricDefinition, named, perMeterKey } from './definition.ts'

/** Connections to PostgreSQL, whatever they are for. */
export const postgresMetrics: readonly MetricDefinition[] = [
  {
    name: 'onchain_consumer_postgres_retries_total',
    type: 'counter',
    unit: 'transactions',
    labels: ['section', 'state'],
    help: 'Transactions that PostgreSQL broke off for a deadlock (`40P01`) or because it could not serialize them (`40001`), and that ran again. None of them is the failure of a record.',
    read: perMeterKey(
      'state',
      ({ databases }) => named('section', databases),
      ({ retries }) => retries,
    ),
  },
]
