declare module 'snappyjs' {
  const SnappyJS: {
    compress(bytes: Buffer): Buffer
    /** Throws if the block declares more than `maxLength` bytes. */
    uncompress(bytes: Buffer, maxLength?: number): Uint8Array
  }
  export default SnappyJS
}
