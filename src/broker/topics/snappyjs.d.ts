declare module 'snappyjs' {
  const SnappyJS: {
    compress(bytes: Buffer): Buffer
    /** Throws when the block announces more than `maxLength` bytes. */
    uncompress(bytes: Buffer, maxLength?: number): Uint8Array
  }
  export default SnappyJS
}
