/** The samples of `/metrics`, by name. */
export type Samples = ReadonlyMap<string, ReadonlyArray<{ labels: string; value: number }>>

/** Reads the text format of Prometheus; lines that are none are left out. */
export function parseMetrics(text: string): Samples {
  const samples = new Map<string, Array<{ labels: string; value: number }>>()
  for (const line of text.split('\n')) {
    const match = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)/.exec(line)
    const value = Number(match?.[3])
    if (match?.[1] === undefined || Number.isNaN(value)) continue
    const all = samples.get(match[1]) ?? []
    all.push({ labels: match[2] ?? '', value })
    samples.set(match[1], all)
  }
  return samples
}

/** The sum over all labels; null: there is no such metric. */
export function sumOf(samples: Samples, name: string): number | null {
  const all = samples.get(name)
  return all === undefined ? null : all.reduce((sum, { value }) => sum + value, 0)
}
