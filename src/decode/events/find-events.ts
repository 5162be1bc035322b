import type { EventSource } from '../topic-rules.ts'
import type { ChainEvent, Json } from '../types.ts'
import { type JsonObject, objectOf } from './fields.ts'
import { isSolanaTransfer, solanaTransfer } from './solana-transfers.ts'
import { isTronTransaction, tronTransaction } from './tron-transactions.ts'

/** Events of a document, and how many entries looked like one but could not be read. */
export interface FoundEvents {
  readonly events: readonly ChainEvent[]
  readonly unreadable: number
}

interface Found {
  events: ChainEvent[]
  unreadable: number
}

type Reader = (entry: JsonObject, found: Found) => boolean

const NONE: FoundEvents = Object.freeze({ events: Object.freeze([]), unreadable: 0 })

/**
 * The events of a document: of a list of entries, or of one entry. Never throws; a document of
 * unknown shape has none.
 */
export function findEvents(document: Json, source: EventSource): FoundEvents {
  if (source === 'none' || document === null || typeof document !== 'object') return NONE
  const found: Found = { events: [], unreadable: 0 }
  if (!Array.isArray(document)) {
    readEntry(document, source, found)
  } else {
    for (const value of document) {
      const entry = objectOf(value)
      if (entry != null) readEntry(entry, source, found)
    }
  }
  return found
}

function readEntry(entry: JsonObject, source: EventSource, found: Found): void {
  if (source !== 'tron.broadcasted.transactions' && readSolana(entry, found)) return
  if (source !== 'solana.transfers') readTron(entry, found)
}

const readSolana: Reader = (entry, found) => {
  if (!isSolanaTransfer(entry)) return false
  add(found, solanaTransfer(entry))
  return true
}

/**
 * `{Block, Chain, Transaction}`, a bare transaction, or a block of `Transactions`: the envelope of
 * this stream is not documented, so all three are read.
 */
const readTron: Reader = (entry, found) => {
  const wrapped = objectOf(entry['Transaction'])
  if (wrapped != null && isTronTransaction(wrapped)) {
    add(found, tronTransaction(wrapped))
    return true
  }
  if (isTronTransaction(entry)) {
    add(found, tronTransaction(entry))
    return true
  }
  const block = entry['Transactions']
  if (!Array.isArray(block)) return false
  for (const value of block) {
    const transaction = objectOf(value)
    if (transaction != null && isTronTransaction(transaction)) {
      add(found, tronTransaction(transaction))
    }
  }
  return true
}

function add(found: Found, event: ChainEvent | undefined): void {
  if (event === undefined) found.unreadable++
  else found.events.push(event)
}
