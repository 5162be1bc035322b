import type { ChainEvent, Message } from '../../decode/types.ts'
import type { Tapped } from '../../handle/tap.ts'
import { formatUnits } from '../../kernel/amounts.ts'
import { isoTime } from '../../kernel/text/figures.ts'

/** Events of a record, characters of a text, and bytes of a value that is shown, at most. */
const MAX_EVENTS = 10
const MAX_TEXT = 500
const MAX_VALUE = 256 * 1024

/**
 * What a viewer sees of a record.
 * @param hides only where it is and what kind its events are: no key, address, amount, id or value
 */
export function tapEntry({ message, events, handlers }: Tapped, hides: boolean): object {
  const { topic, partition, offset, timestamp, key } = message.record
  return {
    ...{ topic, partition, offset, time: isoTime(timestamp), handlers },
    ...(!hides && { key: cut(key?.toString() ?? null) }),
    events: events.slice(0, MAX_EVENTS).map((event) => eventOf(event, hides)),
    moreEvents: Math.max(0, events.length - MAX_EVENTS),
    ...(!hides && message.events.length === 0 && { value: documentText(message) }),
  }
}

function eventOf(event: ChainEvent, hides: boolean): object {
  const { kind, chain, time, success, asset, amount, id, from, to, block } = event
  const open = { kind, chain, time: isoTime(time), success, asset: cut(asset?.symbol ?? null) }
  if (hides) return open
  const decimals = asset?.decimals ?? null
  return {
    ...open,
    ...{ id: cut(id), from: cut(from), to: cut(to), assetAddress: cut(asset?.address ?? null) },
    amount: amount === null || decimals === null ? null : formatUnits(amount, decimals),
    amountSmallest: amount?.toString() ?? null,
    block: block?.number.toString() ?? null,
  }
}

/** Of a document without typed events; null: it is too large to be read for this, or none. */
function documentText({ document, bytes }: Message): string | null {
  if (bytes > MAX_VALUE || document === null) return null
  if (typeof document === 'string') return cut(document)
  return cut(Buffer.isBuffer(document) ? document.toString('base64') : JSON.stringify(document))
}

const cut = (text: string | null) =>
  text !== null && text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}...` : text
