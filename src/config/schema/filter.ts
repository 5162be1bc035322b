import * as z from 'zod'
import { chains } from '../../kernel/names.ts'
import { eventKinds } from '../../kernel/shapes/event-kind.ts'
import { boolean, type Complaint, choice, file, list, optional, section } from './fields.ts'

/** Accepts base58 and hex: the chain is not known here. */
function checkAddress(address: string): Complaint | undefined {
  if (/^[A-Za-z0-9]{20,128}$/.test(address)) return undefined
  return ['is not an address', 'write addresses as their chain does: base58, or hex with 0x']
}

/** A symbol can be any text, ASCII or not. */
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

/** Text, or a number that is exact: YAML loses digits of large numbers before we see them. */
export function amount(pattern: RegExp, example: string) {
  const written = z.union([z.string(), z.number()]).transform((value, context) => {
    const isExact = typeof value === 'string' || Number.isSafeInteger(value) || value < 2 ** 53
    const shown = String(value).trim()
    if (isExact && pattern.test(shown)) return shown
    context.addIssue({
      code: 'custom',
      message: isExact ? 'is not an amount' : 'is too large for a number',
      input: value,
      params: { remedy: `write it as text, in digits: '${example}'` },
    })
    return z.NEVER
  })
  return written.meta({ kind: 'text', form: 'amount, as text or a number' })
}

/** Filter of all handlers, or of one. */
export const filterSection = section(
  'Which events are handed to handlers. An event passes if it matches every key that is set; a message without such an event is skipped. `handlers[].filter` does the same for one handler.',
  {
    kinds: optional(choices('kinds', eventKinds), {
      description: 'Kinds of events that pass.',
      example: ['transfer'],
      live: true,
    }),
    chains: optional(choices('chains', chains), {
      description: 'Chains whose events pass.',
      example: ['solana', 'tron'],
      live: true,
    }),
    addresses: optional(list('addresses', checkAddress), {
      description:
        'Passes when at least one of these addresses takes part, in the role of addressRole: wallets, or token accounts of Solana.',
      example: ['5Q544fKrFoe6tsEbD7S8EmxGTJYAKtTVhAW5Q5pge4j1'],
      live: true,
    }),
    addressesFile: optional(file(), {
      description:
        'File with more addresses, one a line; the rest of the line is a comment. It is read again when it changes, for example in a mounted ConfigMap.',
      example: '/etc/onchain-consumer/addresses/watched.txt',
      live: true,
    }),
    addressRole: optional(choice(['any', 'from', 'to']), {
      description:
        'Role of the addresses. `from`, `to`: the side that sends, receives, by its owner (the wallet) or, on Solana, its token account. To watch a wallet, list the wallet: it stands for all its token accounts. `any`: everyone who takes part: both sides, signer, fee payer, authority.',
      example: 'to',
      live: true,
    }),
    assets: optional(list('assets', checkAsset), {
      description:
        'Assets by address (mint, contract) or symbol. Anyone can give a token any symbol, so only addresses are safe; native coins have only a symbol (SOL, TRX).',
      example: ['EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v', 'SOL'],
      live: true,
    }),
    minAmount: optional(amount(/^\d+(\.\d+)?$/, '1000.5'), {
      description:
        'Min amount in units of the asset. It drops every event of an asset whose decimals the stream does not carry.',
      example: '1000.5',
      live: true,
    }),
    minAmountSmallest: optional(amount(/^\d+$/, '1000000'), {
      description: 'Min amount in the smallest units of the asset.',
      example: '1000000',
      live: true,
    }),
    success: optional(boolean(), {
      description: '`true`: only events that succeeded; `false`: only those that failed.',
      example: true,
      live: true,
    }),
  },
)
