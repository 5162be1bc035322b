const NAMES = ['none', 'gzip', 'snappy', 'lz4', 'zstd']

/** The name of a codec by its number on the wire; the number itself if it is unknown. */
export function codecName(codec: number): string {
  return NAMES[codec] ?? String(codec)
}
