import * as z from 'zod'
import { eventKinds } from '../../kernel/event-kind.ts'
import { chains } from '../../kernel/names.ts'
import { boolean, type Complaint, choice, file, list, optional, section } from './fields.ts'

/** Base58 and hex alike; the chain is not known here. */
function checkAddress(address: string): Complaint | undefined {
  if (/^[A-Za-z0-9]{20,128}$/.test(address)) return undefined
  return ['is no address', 'write addresses as their chain does: base58, or hex with 0x']
}

/** Anything goes as a symbol, also what is not ASCII. */
function checkAsset(asset: string): Complaint | undefined {
  return asset.length <= 128 ? undefined : ['is too long', 'write an address or a symbol']
}

function choices<const Options extends readonly [string, ...string[]]>(
  of: string,
  options: Options,
) {
  const among = (item: string): item is Options[number] => options.includes(item)
  return list(of, (item) =>
    among(item) ? undefined : ['is not among the choices', `write ${options.join(' or ')}`],
  )
    .transform((items) => items.filter(among))
    .meta({ kind: 'list', form: `list of ${options.join(', ')}` })
}

/** Numbers too, but text is exact: YAML has lost the digits of a large number before we see it. */
function amount(pattern: RegExp, example: string) {
  const written = z.union([z.string(), z.number()]).transform((value, context) => {
    const isExact = typeof value === 'string' || Number.isSafeInteger(value) || value < 2 ** 53
    const shown = String(value).trim()
    if (isExact && pattern.test(shown)) return shown
    context.addIssue({
      code: 'custom',
      message: isExact ? 'is no amount' : 'is too large for a number',
      input: value,
      params: { remedy: `write it as text, in digits: '${example}'` },
    })
    return z.NEVER
  })
  return written.meta({ kind: 'text', form: 'amount, as text or a number' })
}

/** Which events matter: of all handlers, or of one. */
export const filterSection = section(
  'Which events are handed to handlers at all; all that is given must hold. A message none of whose events passes is skipped. `handlers[].filter` says the same for one handler.',
  {
    kinds: optional(choices('kinds', eventKinds), {
      description: 'Kinds of events.',
      example: ['transfer'],
      live: true,
    }),
    chains: optional(choices('chains', chains), {
      description: 'Chains.',
      example: ['solana', 'tron'],
      live: true,
    }),
    addresses: optional(list('addresses', checkAddress), {
      description: 'Addresses, one of which takes part.',
      example: ['5Q544fKrFoe6tsEbD7S8EmxGTJYAKtTVhAW5Q5pge4j1'],
      live: true,
    }),
    addressesFile: optional(file(), {
      description:
        'File with more of them, one a line; what follows on the line is a remark. Read again when it changes, as a mounted ConfigMap does.',
      example: '/etc/onchain-consumer/addresses/watched.txt',
      live: true,
    }),
    addressRole: optional(choice(['any', 'from', 'to']), {
      description:
        'Where the addresses are looked for: sender, receiver, or anybody who takes part.',
      example: 'to',
      live: true,
    }),
    assets: optional(list('assets', checkAsset), {
      description:
        'Assets by address (mint, contract) or symbol. Anybody can give a token any symbol: only addresses are safe; native coins have their symbol only (SOL, TRX).',
      example: ['USDT', 'EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v'],
      live: true,
    }),
    minAmount: optional(amount(/^\d+(\.\d+)?$/, '1000.5'), {
      description:
        'Least amount in units of the asset. Events of an asset whose decimals the stream does not say do not pass.',
      example: '1000.5',
      live: true,
    }),
    minAmountSmallest: optional(amount(/^\d+$/, '1000000'), {
      description: 'Least amount in smallest units of the asset.',
      example: '1000000',
      live: true,
    }),
    success: optional(boolean(), {
      description: 'Only what succeeded (true), or only what failed (false).',
      example: true,
      live: true,
    }),
  },
)
