declare module 'lz4js' {
  const lz4js: {
    /** At most so many bytes come of so many. */
    compressBound(bytes: number): number
    /**
     * Writes the block of `source[start, start + length)` to the beginning of `target`, whose end it
     * does not check. `table`: 65,536 zeros, which it fills with positions.
     *
     * @returns Its bytes; 0 where nothing repeats.
     */
    compressBlock(
      source: Uint8Array,
      target: Uint8Array,
      start: number,
      length: number,
      table: Uint32Array,
    ): number
  }
  export default lz4js
}
