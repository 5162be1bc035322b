/** One query of a panel. `$pods` is replaced by the labels of the selected release's pods. */
export interface Query {
  readonly expr: string
  /** Name of the series, with `{{label}}`s. */
  readonly legend: string
}

export interface Panel {
  readonly title: string
  /** What the figure means and which values are bad: shown at the panel's `i`. */
  readonly description: string
  readonly kind: 'stat' | 'timeseries'
  /** Width in columns of 24. */
  readonly width: number
  /** Name of the unit in Grafana. */
  readonly unit: string
  readonly queries: readonly Query[]
  /** Colour from each value on; the first step has no value. */
  readonly steps?: ReadonlyArray<{ readonly color: Color; readonly value: number | null }>
  readonly stacked?: boolean
  readonly decimals?: number
  /** For a stat: what to show while there is no series. */
  readonly noValue?: string
}

export type Color = 'green' | 'yellow' | 'orange' | 'red' | 'blue'

export interface Row {
  readonly title: string
  readonly panels: readonly Panel[]
}
