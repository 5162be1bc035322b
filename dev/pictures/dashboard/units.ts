/** Values as Grafana writes them in the units of our dashboard. */

interface Step {
  readonly from: number
  readonly name: string
}

const time: readonly Step[] = [
  { from: 1e-6, name: ' µs' },
  { from: 1e-3, name: ' ms' },
  { from: 1, name: ' s' },
  { from: 60, name: ' mins' },
  { from: 3_600, name: ' hours' },
  { from: 86_400, name: ' days' },
  { from: 604_800, name: ' weeks' },
]
const thousands = (base: number, names: readonly string[]): readonly Step[] =>
  names.map((name, power) => ({ from: base ** power, name }))

const UNITS: Readonly<Record<string, readonly Step[]>> = {
  s: time,
  short: thousands(1000, ['', ' K', ' Mil', ' Bil']),
  'count:/s': thousands(1000, [' /s', 'K /s', 'M /s']),
  bytes: thousands(1024, [' B', ' KiB', ' MiB', ' GiB']),
  Bps: thousands(1000, [' B/s', ' kB/s', ' MB/s', ' GB/s']),
  percentunit: [{ from: 0.01, name: '%' }],
}

/** @param unit its id in Grafana */
export function shown(value: number, unit: string, decimals?: number): string {
  const steps = UNITS[unit]
  if (steps === undefined) throw new Error(`the unit ${unit} of the dashboard is not known here`)
  const plain = steps.find(({ from }) => from >= 1) ?? steps[0]
  const step =
    value === 0 ? plain : (steps.findLast(({ from }) => Math.abs(value) >= from) ?? steps[0])
  const { from, name } = step ?? { from: 1, name: '' }
  const scaled = value / from
  return `${decimals === undefined ? Number(scaled.toPrecision(3)) : scaled.toFixed(decimals)}${name}`
}
