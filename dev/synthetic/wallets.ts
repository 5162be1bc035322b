import { createRandom, WORLD } from './random.ts'
import { createSolanaWorld, SOLANA_WALLETS } from './solana-world.ts'
import { randomAddress } from './text.ts'

/**
 * A file with wallet addresses, one a line: every eighth wallet of the made-up Solana stream, and
 * others that never take part.
 */
export function walletsFile(count: number): string {
  const world = createSolanaWorld(WORLD, createRandom(WORLD, 0x501a, 1), 0)
  const others = createRandom(WORLD, 0x0743, 1)
  const lines = Array.from({ length: count }, (_, line) =>
    line * 8 < SOLANA_WALLETS ? world.wallet(line * 8) : randomAddress(others),
  )
  return `# Made-up wallets of the synthetic stream\n${lines.join('\n')}\n`
}
