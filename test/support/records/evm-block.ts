import { encodeMessage } from '../../../dev/synthetic/protobuf.ts'

/**
 * A message of a block with one transfer. Its hash begins with the byte `16 * number + branch`.
 * @param branch of the block, and of the one before it
 * @param transaction first byte of the hash of its transaction
 */
export function block(
  number: number,
  branch: number,
  before = branch,
  transaction = 100 + number,
): Buffer {
  const hash = (height: number, of: number) => Buffer.alloc(32, height * 16 + of)
  const Transfers = [
    {
      ...{ Sender: Buffer.alloc(20, 1), Receiver: Buffer.alloc(20, 2), Amount: Buffer.of(1) },
      ...{ Success: true, TransactionHeader: { Hash: Buffer.alloc(32, transaction) } },
    },
  ]
  const Header = {
    ...{ Hash: hash(number, branch), ParentHash: hash(number - 1, before) },
    ...{ Number: Buffer.of(number), Time: 1_700_000_000 + number },
  }
  const fields = { Chain: { ChainId: Buffer.of(1) }, Header, Transfers }
  return encodeMessage('evm_messages.TokenBlockMessage', fields)
}
