import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import type { ChainEvent } from '../../src/decode/types.ts'
import { parseUnits } from '../../src/kernel/amounts.ts'

const CONFIG = join(import.meta.dirname, '../../examples/wallets-to-postgres/config.yaml')

/**
 * What examples/wallets-to-postgres makes of these events: its rows, and the ids that it posts.
 *
 * @param wallets the text of its list of wallets
 */
export function wantedOf(events: Iterable<ChainEvent>, wallets: string) {
  const [, { filter }] = parse(readFileSync(CONFIG, 'utf8')).handlers
  const mints = new Set<string>(filter.assets)
  const least = parseUnits(filter.minAmount, 6) ?? 0n
  const watched = new Set(wallets.trim().split('\n').slice(1))
  const transfers = [...events].filter(({ addresses }) =>
    addresses.some((address) => watched.has(address)),
  )
  const whales = transfers.filter(
    ({ success, asset, amount }) =>
      success && mints.has(asset?.address ?? '') && amount !== null && amount >= least,
  )
  return {
    watched: watched.size,
    rows: transfers
      .map(({ id, amount }) => ({ id, amount: amount === null ? null : String(amount) }))
      .sort(byId),
    posts: whales.map(({ id }) => id).sort(),
  }
}

/** The ids of the transfers that a post of the example tells of. */
export const idsIn = (post: string): string[] =>
  [...post.matchAll(/\((\S+)\)$/gm)].map(([, id = '']) => id)

/** As JavaScript compares texts, whatever the order of a database is. */
export const byId = (a: { id: string }, b: { id: string }) => (a.id < b.id ? -1 : 1)
