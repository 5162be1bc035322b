// node dev/produce/wallets.ts COUNT: prints wallet addresses, one a line: every eighth wallet of the
// made-up Solana stream, and others that never take part.
import { createRandom, WORLD } from '../synthetic/random.ts'
import { createSolanaWorld, SOLANA_WALLETS } from '../synthetic/solana-world.ts'
import { randomAddress } from '../synthetic/text.ts'

const count = Number(process.argv[2])
if (!Number.isSafeInteger(count) || count < 1) {
  console.error('Usage: node dev/produce/wallets.ts COUNT')
  process.exit(2)
}
const world = createSolanaWorld(WORLD, createRandom(WORLD, 0x501a, 1), 0)
const others = createRandom(WORLD, 0x0743, 1)
const lines = Array.from({ length: count }, (_, line) =>
  line * 8 < SOLANA_WALLETS ? world.wallet(line * 8) : randomAddress(others),
)
process.stdout.write(`# Made-up wallets of the synthetic stream\n${lines.join('\n')}\n`)
