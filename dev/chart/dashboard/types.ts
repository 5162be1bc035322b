/** One query of a panel. `$pods` in it stands for the labels of the chosen release's pods. */
export interface Query {
  readonly expr: string
  /** Name of the series, with `{{label}}`s. */
  readonly legend: string
}

export interface Panel {
  readonly title: string
  /** What the figure means, and what is bad: shown at the panel's `i`. */
  readonly description: string
  readonly kind: 'stat' | 'timeseries'
  /** Columns of 24. */
  readonly width: number
  /** As Grafana names it. */
  readonly unit: string
  readonly queries: readonly Query[]
  /** Colour from this value on; the first one has no value. */
  readonly steps?: ReadonlyArray<{ readonly color: Color; readonly value: number | null }>
  readonly stacked?: boolean
  readonly decimals?: number
  /** Of a stat: what is shown while there is no series. */
  readonly noValue?: string
}

export type Color = 'green' | 'yellow' | 'orange' | 'red' | 'blue'

export interface Row {
  readonly title: string
  readonly panels: readonly Panel[]
}
