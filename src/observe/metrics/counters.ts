import type { Labels, Reading, ScalarDefinition } from './definition.ts'

/**
 * A counted number: a field of a meter, named by its key in the table, and a metric. Worker threads
 * report all fields of their meters, so a new counter needs only its entry here.
 */
export interface Counter {
  /** Name of the metric, as Prometheus sees it. */
  readonly name: string
  readonly unit: string
  readonly help: string
  /** Default: counter. */
  readonly type?: 'gauge'
}

export type CounterTable = Readonly<Record<string, Counter>>

/** The fields of a meter for a table: plain numbers that the hot path increments. */
export type CountsOf<Table extends CounterTable> = { -readonly [Field in keyof Table]: number }

export function zeros<Table extends CounterTable>(table: Table): CountsOf<Table> {
  const fields = Object.keys(table).map((field) => [field, 0])
  return Object.fromEntries(fields) as CountsOf<Table>
}

/** The metrics of a table. @param metersOf each meter, with the values of `labels` */
export function metricsOf<Table extends CounterTable>(
  table: Table,
  labels: readonly string[],
  metersOf: (reading: Reading) => Iterable<readonly [labels: Labels, meter: CountsOf<Table>]>,
): ScalarDefinition[] {
  return Object.entries<Counter>(table).map(([field, { name, type, unit, help }]) => ({
    name,
    type: type ?? 'counter',
    unit,
    labels,
    help,
    read: (reading) =>
      Array.from(metersOf(reading), ([values, meter]) => ({
        labels: values,
        value: meter[field as keyof Table],
      })),
  }))
}
