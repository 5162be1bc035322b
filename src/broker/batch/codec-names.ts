const NAMES = ['none', 'gzip', 'snappy', 'lz4', 'zstd']

/** The name of a codec by its number on the wire; of one that means nothing, the number. */
export function codecName(codec: number): string {
  return NAMES[codec] ?? String(codec)
}
