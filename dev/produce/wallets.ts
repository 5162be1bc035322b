// node dev/produce/wallets.ts COUNT: prints wallet addresses of the made-up stream, and others.
import { walletsFile } from '../synthetic/wallets.ts'

const count = Number(process.argv[2])
if (!Number.isSafeInteger(count) || count < 1) {
  console.error('Usage: node dev/produce/wallets.ts COUNT')
  process.exit(2)
}
process.stdout.write(walletsFile(count))
