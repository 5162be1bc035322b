const BLOCKS = '▁▂▃▄▅▆▇█'

/** A block of this height, 0 to 1. */
export function block(height: number): string {
  const index = Math.round(Math.min(1, Math.max(0, height)) * (BLOCKS.length - 1))
  return BLOCKS[index] ?? ''
}

/** Values as a line of blocks, at most so many: each is the largest of its time. What is not known is a gap. */
export function sparkline(values: ReadonlyArray<number | null>, most: number): string {
  const top = Math.max(0, ...values.filter((value) => value !== null)) || 1
  const count = Math.min(most, values.length)
  return Array.from({ length: count }, (_, index) => {
    const from = Math.floor((index * values.length) / count)
    const to = Math.floor(((index + 1) * values.length) / count)
    const known = values.slice(from, to).filter((value) => value !== null)
    return known.length === 0 ? ' ' : block(Math.max(...known) / top)
  }).join('')
}
