import { encodeMessage } from '../../../dev/synthetic/protobuf.ts'

/** `7b`: block 7 of branch b. */
export interface BlockOf {
  readonly number: number
  readonly branch: number
}

/** Begins with number (4 bytes) and branch (1 byte). */
function hashOf({ number, branch }: BlockOf): Buffer {
  const hash = Buffer.alloc(32, 7)
  hash.writeUInt32BE(number)
  hash[4] = branch
  return hash
}

/** The block of a hash as text or hex. */
export function blockOf(hash: string): string {
  const bytes = Buffer.from(hash.replace(/^0x/, ''), 'hex')
  return nameOf({ number: bytes.readUInt32BE(), branch: bytes[4] ?? 0 })
}

export function nameOf({ number, branch }: BlockOf): string {
  return `${number}${String.fromCharCode(97 + branch)}`
}

/** A message of `eth.tokens.proto` with one transfer. @param before branch of the block before it */
export function messageOf(block: BlockOf, before = block.branch): Buffer {
  const number = Buffer.alloc(4)
  number.writeUInt32BE(block.number)
  const Header = {
    ...{ Hash: hashOf(block), Number: number, Time: 1_700_000_000 + block.number },
    ParentHash: hashOf({ number: block.number - 1, branch: before }),
  }
  const TransactionHeader = { Hash: hashOf({ ...block, branch: 200 }) }
  const Transfers = [
    {
      ...{ Sender: Buffer.alloc(20, 1), Receiver: Buffer.alloc(20, 2), Amount: Buffer.of(1) },
      ...{ Success: true, TransactionHeader },
    },
  ]
  const fields = { Chain: { ChainId: Buffer.of(1) }, Header, Transfers }
  return encodeMessage('evm_messages.TokenBlockMessage', fields)
}
