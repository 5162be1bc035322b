import { createFolder, type Folder } from './crc32c-fold.ts'
import { BLOCK } from './crc32c-module.ts'
import { updateByTable } from './crc32c-table.ts'

/** Below this many bytes the table alone is as fast. */
const WORTH_FOLDING = 512

/** Made at the first use: not every process that imports this reads batches. */
let folder: Folder | null | undefined

/** CRC-32C (Castagnoli) of `bytes[from, to)`, as an unsigned number: RFC 3720, appendix B.4. */
export function crc32c(bytes: Uint8Array, from = 0, to = bytes.length): number {
  let remainder = -1
  let at = from
  if (to - from >= WORTH_FOLDING) {
    if (folder === undefined) folder = createFolder()
    if (folder !== null) {
      at += (to - from) & -BLOCK
      remainder = folder.update(remainder, bytes, from, at)
    }
  }
  return ~updateByTable(remainder, bytes, at, to) >>> 0
}
