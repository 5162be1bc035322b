declare module 'lz4js' {
  const lz4js: {
    /** Maximum packed size of `bytes` bytes. */
    compressBound(bytes: number): number
    /**
     * Writes the block of `source[start, start + length)` to the start of `target`, without
     * checking its end. `table`: 65,536 zeros, which it fills with positions.
     *
     * @returns Number of written bytes; 0 if nothing repeats.
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
