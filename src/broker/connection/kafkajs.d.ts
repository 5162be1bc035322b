// Internals of kafkajs, which have no types: see kafkajs-internals.ts.
declare module 'kafkajs/src/network/connection.js' {
  const Connection: unknown
  export default Connection
}
declare module 'kafkajs/src/network/requestQueue/index.js' {
  const RequestQueue: { readonly prototype: unknown }
  export default RequestQueue
}
declare module 'kafkajs/src/protocol/encoder.js' {
  const Encoder: { readonly prototype: unknown }
  export default Encoder
}
