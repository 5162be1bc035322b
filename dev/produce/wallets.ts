// node dev/produce/wallets.ts COUNT [KIND]: prints wallet addresses of the made-up stream, and others.
import { walletKinds, walletsFile } from '../synthetic/wallets.ts'

const count = Number(process.argv[2])
const kind = walletKinds.find((name) => name === (process.argv[3] ?? 'solana'))
if (!Number.isSafeInteger(count) || count < 1 || kind === undefined) {
  console.error(`Usage: node dev/produce/wallets.ts COUNT [${walletKinds.join('|')}]`)
  process.exit(2)
}
process.stdout.write(walletsFile(count, kind))
