import protobuf from 'protobufjs'
import { parseJson } from '../../src/decode/json.ts'
import type { Json } from '../../src/decode/types.ts'
import { messageType } from './protobuf.ts'
import { base58Alphabet } from './text.ts'

type Fields = { readonly [name: string]: Json }

const known = new Map<string, Buffer>()
const MAX_KNOWN = 50_000

/**
 * A message of `solana.tokens.proto` with the transfers of a message of `solana.transfers`: the same
 * ids, and the same fields as far as both have them.
 */
export function tokenBlock(text: string): Buffer {
  const entries = parseJson(Buffer.from(text)) as readonly Fields[]
  const transactions = new Map<unknown, { fields: Fields; transfers: Json[] }>()
  for (const { Transaction, Transfer } of entries) {
    const { FeePayer, Signer, Fee, ...fields } = Transaction as { [name: string]: Json }
    const own = { ...fields, Header: { FeePayer, Signer, Fee } } as Fields
    const found = transactions.get(fields['Signature'])
    if (found !== undefined) found.transfers.push(Transfer as Json)
    else transactions.set(fields['Signature'], { fields: own, transfers: [Transfer as Json] })
  }
  const type = messageType('solana_messages.TokenBlockMessage')
  const message = convert(
    {
      Header: entries[0]?.['Block'] as Json,
      Transactions: [...transactions.values()].map(({ fields, transfers }) => ({
        ...fields,
        Transfers: transfers,
      })),
    },
    type,
  )
  return Buffer.from(type.encode(type.fromObject(message)).finish())
}

/** The fields that the type has, with bytes for the text of addresses and data. */
function convert(fields: Fields, type: protobuf.Type): object {
  return Object.fromEntries(
    type.fieldsArray.flatMap((field) => {
      const value = fields[field.name]
      if (value === undefined || value === null) return []
      const one = (item: Json) => convertValue(item, field)
      return [[field.name, Array.isArray(value) ? value.map(one) : one(value)]]
    }),
  )
}

function convertValue(value: Json, { name, resolvedType, type }: protobuf.Field): unknown {
  if (resolvedType instanceof protobuf.Type) return convert(value as Fields, resolvedType)
  if (type !== 'bytes') return value
  return name === 'Data' ? Buffer.from(String(value), 'hex') : fromBase58(String(value))
}

function fromBase58(text: string): Buffer {
  const found = known.get(text)
  if (found !== undefined) return found
  let number = 0n
  for (const digit of text) number = number * 58n + BigInt(base58Alphabet.indexOf(digit))
  const zeros = text.length - text.replace(/^1+/, '').length
  const hex = number === 0n ? '' : number.toString(16)
  const bytes = Buffer.concat([
    Buffer.alloc(zeros),
    Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex'),
  ])
  if (known.size >= MAX_KNOWN) known.clear()
  known.set(text, bytes)
  return bytes
}
