import { type DrawAmount, littleEndianHex } from './amount.ts'
import { createSolanaIdentity } from './identity.ts'
import { createRandom, fold, mix, type Random, WORLD } from './random.ts'
import { createSolanaWorld, tokenProgram } from './solana-world.ts'
import { type StreamWriter, writeArray } from './writer.ts'

/** Mean JSON length of a transfer: three token transfers of 3.1 kB to one native one of 1.9 kB. */
const meanTransferBytes = 2830
/** Below this a message has room only for native transfers; below the next, not for details. */
const nativeOnlyBelow = 2600
const briefBelow = 1800

/**
 * Messages of `solana.transfers`: JSON arrays with the fields of the real stream in its order.
 * Amounts are raw JSON integers up to 2^64 - 1, which JSON.parse would round.
 */
export function createSolanaWriter(
  seed: number,
  startTime: number,
  drawAmount: DrawAmount,
): StreamWriter {
  const salt = fold(seed)
  const identity = createSolanaIdentity(seed)
  const world = createSolanaWorld(salt, createRandom(WORLD, 0x501a, 1), startTime)

  /** Every fourth transfer belongs to the transaction of the one before it. */
  const placeOf = (index: number, place: number) => {
    const joined = place % 4 === 3
    const transaction = joined ? place - 1 : place
    const instruction = (mix(salt ^ 0x1257, index, transaction) % 10) + (joined ? 1 : 0)
    return { joined, transaction, instruction }
  }

  return {
    eventIds: (index, events) =>
      Array.from({ length: events }, (_, place) => {
        const { transaction, instruction } = placeOf(index, place)
        return `${identity.transactionId(index, transaction)}:${instruction}`
      }),

    write(index, targetBytes, random) {
      const block = world.blockOf(index)
      const brief = targetBytes < briefBelow
      let account = ''
      let sender = 0
      let transactionJson = ''

      const { text, events } = writeArray(targetBytes, meanTransferBytes, random, (place) => {
        const { joined, transaction, instruction } = placeOf(index, place)
        if (!joined) {
          sender = world.pickWallet(random)
          const signature = identity.transactionId(index, transaction)
          transactionJson = writeTransaction(world.wallet(sender), signature, random)
        }
        if (place === 0) account = world.wallet(sender)
        const native = targetBytes < nativeOnlyBelow || random.chance(0.25)
        const transfer = native
          ? nativeTransfer(sender, instruction, brief, random)
          : tokenTransfer(sender, instruction, random)
        return `{"Block":${block.json},"Transaction":${transactionJson},"Transfer":${transfer}}`
      })
      return { content: text, events, slot: block.slot, blockHash: block.hash, account }
    },
  }

  function writeTransaction(payer: string, signature: string, random: Random): string {
    const status = random.chance(0.06)
      ? `{"Success":false,"ErrorMessage":"Error processing Instruction ${random.below(6)}: custom program error: 0x${random.below(64).toString(16)}"}`
      : '{"Success":true,"ErrorMessage":""}'
    return `{"Fee":${5000 + random.below(2) * random.below(100_000)},"FeePayer":"${payer}","Index":${random.below(1500)},"Signature":"${signature}","Signer":"${payer}","Status":${status}}`
  }

  function tokenTransfer(sender: number, instruction: number, random: Random): string {
    const number = random.below(world.currencies.length)
    const currency = world.currencies[number]
    if (currency === undefined) throw new RangeError(`no currency ${number}`)
    const amount = drawAmount(random)
    const receiver = world.pickWallet(random)
    const party = (wallet: number) =>
      `{"Address":"${world.tokenAccount(wallet, number)}","IsSigner":false,"IsWritable":true,"Token":${currency.tokenStart}${world.wallet(wallet)}${currency.tokenEnd}}`
    const from = party(sender)
    const to = party(receiver)
    const authority = `{"Address":"${world.wallet(sender)}","IsSigner":true,"IsWritable":true,"Token":null}`
    const inner = random.chance(0.7)
    const caller = random.below(12)
    const logs = `["Program ${tokenProgram} invoke [${inner ? 2 : 1}]","Program log: Instruction: Transfer","Program ${tokenProgram} consumed ${4000 + random.below(900)} of ${20_000 + random.below(180_000)} compute units","Program ${tokenProgram} success"]`
    return `{"InstructionIndex":${instruction},"Amount":${amount.text},"Sender":${from},"Receiver":${to},"Authority":${authority},"Currency":${currency.json},"Instruction":{"Accounts":[${from},${to},${authority}],"AncestorIndexes":null,"CallPath":${inner ? `[${caller}]` : 'null'},"CallerIndex":${inner ? caller : -1},"Data":"03${littleEndianHex(amount)}","Depth":${inner ? 1 : 0},"ExternalSeqNumber":${1 + random.below(8)},"Index":${instruction},"InternalSeqNumber":${inner ? 1 : 0},"Logs":${logs},"Program":{"AccountNames":["source","destination","authority"],"Address":"${tokenProgram}","Arguments":[{"Name":"amount","Type":"u64","Value":${amount.text}}],"Method":"transfer","Name":"spl_token_2022","Parsed":true}}}`
  }

  function nativeTransfer(
    sender: number,
    instruction: number,
    brief: boolean,
    random: Random,
  ): string {
    const amount = drawAmount(random)
    const from = `{"Address":"${world.wallet(sender)}","IsSigner":true,"IsWritable":true,"Token":null}`
    const to = `{"Address":"${world.wallet(world.pickWallet(random))}","IsSigner":false,"IsWritable":true,"Token":null}`
    const accounts = brief ? '' : `${from},${to}`
    const logs = brief
      ? ''
      : '"Program 11111111111111111111111111111111 invoke [1]","Program 11111111111111111111111111111111 success"'
    return `{"InstructionIndex":${instruction},"Amount":${amount.text},"Sender":${from},"Receiver":${to},"Currency":${world.native},"Instruction":{"Accounts":[${accounts}],"AncestorIndexes":null,"CallPath":null,"CallerIndex":-1,"Data":"02000000${littleEndianHex(amount)}","Depth":0,"ExternalSeqNumber":${1 + random.below(8)},"Index":${instruction},"InternalSeqNumber":0,"Logs":[${logs}],"Program":{"AccountNames":["FundingAccount","RecipientAccount"],"Address":"11111111111111111111111111111111","Arguments":[{"Name":"lamports","Type":"u64","Value":${amount.text}}],"Method":"Transfer","Name":"system","Parsed":true}}}`
  }
}
