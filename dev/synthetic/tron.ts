import { type Amount, type DrawAmount, uint256Hex } from './amount.ts'
import { createTronIdentity } from './identity.ts'
import { createRandom, fold, mix, type Random, WORLD } from './random.ts'
import { createHexPool, type TronAddress, tronAddress } from './text.ts'
import { type StreamWriter, writeArray } from './writer.ts'

/** Mean JSON length of a transaction: half contract calls of 3.2 kB, half plain ones of 1.1 kB. */
const meanTransactionBytes = 2180
const plainOnlyBelow = 2000
const wallets = 1024
const firstBlock = 77_400_000
const messagesPerBlock = 96
const blockMilliseconds = 3000

const contracts = [
  'TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t', // USDT
  'TEkxiTehnzSmSe2XqrBj4w32RUN966rdz8', // USDC
  'TNUC9Qb1rRpS5CbWLmNMxXBjyFoydXjWFR', // WTRX
]
const transferTopic = 'ddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef'
const transferAbi = JSON.stringify(
  '{"inputs":[{"name":"_to","type":"address"},{"name":"_value","type":"uint256"}],"name":"transfer","type":"Function"}',
)
/** A broadcasted transaction is not in a block yet, so the block is empty. */
const emptyBlock =
  '{"AccountStateRoot":"","Hash":"","Number":0,"ParentHash":"","ParentNumber":0,"Timestamp":0,"TransactionsCount":0,"TxTrieRoot":"","Version":0}'

/**
 * Messages of `tron.broadcasted.transactions`: TRC20 transfers and plain TRX transactions, with
 * nanosecond times as raw JSON integers beyond 2^53.
 */
export function createTronWriter(
  seed: number,
  startTime: number,
  drawAmount: DrawAmount,
): StreamWriter {
  const salt = fold(seed)
  const identity = createTronIdentity(seed)
  const pool = createHexPool(salt)
  const start = createRandom(WORLD, 0x7204, 1)
  const addresses = Array.from({ length: wallets }, () => tronAddress(start))
  const pickWallet = (random: Random): TronAddress =>
    addresses[Math.min(random.below(wallets), random.below(wallets))] ?? tronAddress(random)

  return {
    eventIds: (index, events) =>
      Array.from({ length: events }, (_, place) => identity.transactionId(index, place)),

    write(index, targetBytes, random) {
      const step = Math.floor(index / messagesPerBlock)
      const milliseconds = startTime + Math.floor((index * blockMilliseconds) / messagesPerBlock)
      let account = ''
      const { text, events } = writeArray(targetBytes, meanTransactionBytes, random, (place) => {
        const from = pickWallet(random)
        if (place === 0) account = from.text
        const call = targetBytes >= plainOnlyBelow && random.chance(0.5)
        // Go's omitempty: a failure is not `"Success":false` but a missing field.
        const failed = random.chance(0.04)
        const head = call ? contractCall(from, failed, random) : plain(random)
        const feeLimit = call ? 15_000_000 : 0
        const header = `{"Data":"${pool.slice(random.next(), 192)}","Expiration":${milliseconds + 57_000}000000,"Fee":0,"FeeLimit":${feeLimit},"FeePayer":"${from.text}","Hash":"${identity.transactionId(index, place)}","Index":0,"Signatures":["${pool.slice(random.next(), 130)}"],"Time":${milliseconds}${String(random.below(1_000_000)).padStart(6, '0')},"Timestamp":${milliseconds - random.below(1500)}000000}`
        const result = failed ? '{"Status":"FAILED"}' : '{"Status":"SUCESS","Success":true}'
        const status = failed ? '{}' : '{"Success":true}'
        return `{"Block":${emptyBlock},"Chain":{"Chain":"mainnet"},"Transaction":{${head},"RewardWithdraw":null,"TransactionHeader":${header},"TransactionResult":${result},"TransactionStatus":${status}}}`
      })
      const slot = firstBlock + step
      const blockHash = slot.toString(16).padStart(16, '0') + pool.slice(mix(salt, slot, 1), 48)
      return { content: text, events, slot, blockHash, account }
    },
  }

  function plain(random: Random): string {
    const type = random.chance(0.6) ? 'TransferContract' : 'DelegateResourceContract'
    return `"Calls":[],"ContractInfo":{"Address":"","Type":"${type}","TypeUrl":"type.googleapis.com/protocol.${type}"},"Receipt":{"Result":"DEFAULT","NetUsage":${265 + random.below(20)}}`
  }

  function contractCall(from: TronAddress, failed: boolean, random: Random): string {
    const contract = contracts[random.below(contracts.length)] ?? ''
    const to = pickWallet(random)
    const amount = drawAmount(random)
    const energy = 13_000 + random.below(120_000)
    const success = failed ? '' : '"Success":true,'
    const header = `{"CallPath":null,"CallerIndex":-1,"Create":false,"Delegated":false,"Depth":0,"Error":"${failed ? 'REVERT opcode executed' : ''}","From":"${from.text}","Gas":${energy * 2},"GasUsed":${energy},"Index":0,"Input":"a9059cbb${to.hex.padStart(64, '0')}${uint256Hex(amount)}","InternalCalls":0,"Opcode":null,"Output":"","Reverted":${failed},"SelfDestruct":false,"Signature":{"Abi":${transferAbi},"Name":"transfer","Parsed":true,"SignatureHash":"a9059cbb","Type":0},${success}"To":"${contract}","Value":"0"}`
    // A reverted call logs nothing.
    const logs = failed ? '' : transferLog(contract, from, to, amount)
    const call = `{"Arguments":[${argument('_to', 'address', to.text)},${argument('_value', 'uint256', amount.text)}],"Header":${header},"Logs":[${logs}],"ReturnValues":null}`
    return `"Calls":[${call}],"ContractInfo":{"Address":"${contract}","Type":"TriggerSmartContract","TypeUrl":"type.googleapis.com/protocol.TriggerSmartContract"},"Receipt":{"Result":"${failed ? 'REVERT' : 'SUCCESS'}","EnergyPenaltyTotal":${energy >> 1},"EnergyUsageTotal":${energy},"OriginEnergyUsage":1,"NetUsage":345}`
  }
}

function transferLog(contract: string, from: TronAddress, to: TronAddress, amount: Amount): string {
  const parameters = `${argument('from', 'address', from.text, true)},${argument('to', 'address', to.text, true)},${argument('value', 'uint256', amount.text)}`
  return `{"Arguments":[${parameters}],"Header":{"Address":"${contract}","Data":"${uint256Hex(amount)}","Index":0,"IsSystem":false,"Removed":false},"Parsed":{"Index":0,"Signature":{"Abi":"","Name":"Transfer","Parsed":true,"SignatureHash":"${transferTopic}","Type":4},"SmartContract":"${contract}"},"Topics":["${transferTopic}","${from.hex.padStart(64, '0')}","${to.hex.padStart(64, '0')}"]}`
}

function argument(name: string, type: string, value: string, indexed = false): string {
  return `{"Indexed":${indexed},"Name":"${name}","Value":{"IsHashed":false,"Name":"","Type":"${type}","Value":"${value}"}}`
}
