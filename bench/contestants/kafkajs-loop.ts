// The loop of each-batch.ts for the stream as it is: LZ4 and JSON.parse.
import { decompressFrameSync } from 'lz4-napi'
import { runEachBatch } from './each-batch.ts'

await runEachBatch((value) => {
  JSON.parse(decompressFrameSync(value).toString('utf8'))
})
