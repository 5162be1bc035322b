import { bytesOf, EVM_WALLETS, evmWallet } from './chain-messages.ts'
import { createRandom, type Random, WORLD } from './random.ts'
import { createSolanaWorld, SOLANA_WALLETS } from './solana-world.ts'
import { randomAddress } from './text.ts'

export const walletKinds = ['solana', 'evm'] as const
export type WalletKind = (typeof walletKinds)[number]

/** The wallets of a made-up stream, and others that never take part in it. */
interface Wallets {
  readonly total: number
  wallet(number: number): string
  other(random: Random): string
}

const makers: Readonly<Record<WalletKind, () => Wallets>> = {
  solana() {
    const { wallet } = createSolanaWorld(WORLD, createRandom(WORLD, 0x501a, 1), 0)
    return { total: SOLANA_WALLETS, wallet, other: randomAddress }
  },
  evm: () => ({
    total: EVM_WALLETS,
    wallet: evmWallet,
    other: (random) => `0x${bytesOf(random, 20).toString('hex')}`,
  }),
}

/**
 * A file with wallet addresses, one a line: every eighth wallet of the made-up stream, and others
 * that never take part.
 */
export function walletsFile(count: number, kind: WalletKind = 'solana'): string {
  const { total, wallet, other } = makers[kind]()
  const others = createRandom(WORLD, 0x0743, 1)
  const lines = Array.from({ length: count }, (_, line) =>
    line * 8 < total ? wallet(line * 8) : other(others),
  )
  return `# Made-up wallets of the synthetic stream\n${lines.join('\n')}\n`
}
