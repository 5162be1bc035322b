import { formatUnits } from '../../kernel/amounts.ts'
import { timeText } from '../../kernel/text/figures.ts'
import type { AlertAsset, AlertEvent } from './types.ts'

type Fields = Readonly<Record<string, unknown>>

/** Reads a value of a handler without code; from a worker thread amounts are text. */
export function toAlertEvent(value: unknown): AlertEvent {
  const fields = fieldsOf(value)
  const { topic, partition, offset, timestamp, time, chain, kind, from, to, success } = fields
  const block = fieldsOf(fields['block'])['number']
  const at = Number(timestamp)
  return {
    id: `${chain}/${fields['id']}`,
    topic: String(topic),
    partition: Number(partition),
    offset: Number(offset),
    timestamp: at,
    time: typeof time === 'number' ? time : at,
    chain: String(chain),
    kind: String(kind),
    from: textOf(from),
    to: textOf(to),
    asset: assetOf(fields['asset']),
    amount: fields['amount'] == null ? null : BigInt(String(fields['amount'])),
    success: success === true,
    block: block === undefined ? null : String(block),
  }
}

function assetOf(value: unknown): AlertAsset | null {
  if (value == null) return null
  const { address, symbol, decimals } = fieldsOf(value)
  return {
    address: String(address),
    symbol: String(symbol),
    decimals: typeof decimals === 'number' ? decimals : null,
  }
}

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {}
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}

/** The same asset has the same; the native coin of a chain has no address. */
export function assetKey({ chain, asset }: AlertEvent): string {
  return asset === null ? '' : asset.address || `${chain}:${asset.symbol}`
}

/** The values of the placeholders that every rule of events has. */
export function wordsOf(event: AlertEvent): Record<string, string> {
  const { id, chain, kind, from, to, asset, amount, time, block } = event
  return {
    ...{ id: id.slice(chain.length + 1), chain, kind, from: from ?? '-', to: to ?? '-' },
    asset: asset === null ? '-' : asset.symbol || asset.address,
    amount: amount === null ? '-' : amountText(amount, asset),
    // A chain or a producer may have sent a number that is no time.
    time: timeText(time),
    block: block ?? '-',
    topic: event.topic,
    partition: String(event.partition),
    offset: String(event.offset),
  }
}

/** In units of the asset; where the stream does not say its decimals, in smallest units. */
export function amountText(amount: bigint, asset: AlertAsset | null): string {
  const decimals = asset?.decimals ?? null
  return decimals === null ? `${amount} (smallest units)` : formatUnits(amount, decimals)
}

/** For JSON. */
export function asJson({ amount, ...event }: AlertEvent): object {
  return { ...event, amount: amount === null ? null : String(amount) }
}
