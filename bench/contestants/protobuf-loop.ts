// The loop of each-batch.ts for Protocol Buffers: of each message protobufjs makes an object. MESSAGE is its name in
// the schemas of dev/synthetic.
import { messageType } from '../../dev/synthetic/protobuf.ts'
import { runEachBatch } from './each-batch.ts'

const type = messageType(process.env['MESSAGE'] ?? '')
const asText = { longs: String, bytes: String, enums: String }

await runEachBatch((value) => {
  type.toObject(type.decode(value), asText)
})
