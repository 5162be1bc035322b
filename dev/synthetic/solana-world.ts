import { mix, type Random } from './random.ts'
import { createBase58Pool, randomAddress } from './text.ts'

/** A mint, with the JSON that all of its transfers share. */
export interface Currency {
  readonly json: string
  /** `"Token":` of a party up to its owner, and what follows the owner. */
  readonly tokenStart: string
  readonly tokenEnd: string
}

export interface Block {
  readonly json: string
  readonly slot: number
  readonly hash: string
}

/** Participants, the same for every seed, so that addresses recur as they do on chain. */
export interface SolanaWorld {
  readonly currencies: readonly Currency[]
  readonly native: string
  /** A wallet's number; low numbers are busier. */
  pickWallet(random: Random): number
  wallet(number: number): string
  /** The account in which a wallet holds a currency. */
  tokenAccount(wallet: number, currency: number): string
  blockOf(messageIndex: number): Block
}

export const tokenProgram = 'TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA'

/** Mint, name, symbol, decimals, wrapped. Two names are not ASCII, like some on chain. */
const mints: ReadonlyArray<readonly [string, string, string, number, boolean]> = [
  ['EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v', 'USD Coin', 'USDC', 6, false],
  ['Es9vMFrzaCERmJfrF4H2FYD4KCoNkY11McCe8BenwNYB', 'USDT', 'USDT', 6, false],
  ['So11111111111111111111111111111111111111112', 'Wrapped Solana', 'WSOL', 9, true],
  ['DezXAZ8z7PnrnRJjz3wXBoRgixCa6xjnB7YaB1pPB263', 'Bonk', 'Bonk', 5, false],
  ['7GCihgDB8fe6KNjn2MYtkzZcRjQy3t9GHdC8uHYmW2hr', 'Café "Blend"', 'CAFÉ', 9, false],
  ['2qEHjDLDLbuBgRYvsxhc5D6uDWAivNFZGan56P1tpump', '柴犬', '柴犬', 6, false],
]

/** How many wallets take part. */
export const SOLANA_WALLETS = 1024
const firstSlot = 357_009_159
const firstHeight = 335_197_870
const messagesPerSlot = 32
const slotMilliseconds = 400

export function createSolanaWorld(salt: number, random: Random, startTime: number): SolanaWorld {
  const walletAddresses = Array.from({ length: SOLANA_WALLETS }, () => randomAddress(random))
  const accountAddresses = Array.from({ length: SOLANA_WALLETS * mints.length }, () =>
    randomAddress(random),
  )
  const pool = createBase58Pool(salt)
  let block: (Block & { fork: number }) | undefined

  return {
    currencies: mints.map((mint) => currency(mint, random)),
    native: JSON.stringify(nativeCurrency),
    pickWallet: (random) => Math.min(random.below(SOLANA_WALLETS), random.below(SOLANA_WALLETS)),
    wallet: (number) => walletAddresses[number] ?? '',
    tokenAccount: (wallet, currency) => accountAddresses[wallet * mints.length + currency] ?? '',
    blockOf(index) {
      const step = Math.floor(index / messagesPerSlot)
      const slot = firstSlot + step
      // Occasionally a slot has two blocks, distinguished only by their hashes: a fork.
      const fork = slot % 64 === 0 ? index & 1 : 0
      if (block?.slot === slot && block.fork === fork) return block
      const place = mix(salt, slot, fork)
      const hash = `${'23456789ABCDEFGH'.charAt(place >>> 28)}${pool.slice(place, 43)}`
      // Only the slot is guaranteed: a block may lack a time, which is not staleness.
      const time = slot % 50 === 0 ? 0 : Math.floor((startTime + step * slotMilliseconds) / 1000)
      const json = `{"Hash":"${hash}","Height":${firstHeight + step},"Slot":${slot},"Timestamp":${time}}`
      block = { json, slot, hash, fork }
      return block
    },
  }
}

function currency(
  [mint, name, symbol, decimals, wrapped]: (typeof mints)[number],
  random: Random,
): Currency {
  const json = JSON.stringify({
    CollectionAddress: '',
    Decimals: decimals,
    EditionNonce: 252,
    Fungible: true,
    IsMutable: true,
    Key: 'MetadataV1',
    MetadataAddress: randomAddress(random),
    MintAddress: mint,
    Name: name,
    Native: false,
    PrimarySaleHappened: false,
    ProgramAddress: tokenProgram,
    SellerFeeBasisPoints: 0,
    Symbol: symbol,
    TokenCreators: null,
    TokenStandard: 'Fungible',
    UpdateAuthority: randomAddress(random),
    Uri: '',
    VerifiedCollection: false,
    Wrapped: wrapped,
  })
  return {
    json,
    tokenStart: `{"Decimals":${decimals},"Mint":"${mint}","Owner":"`,
    tokenEnd: `","ProgramId":"${tokenProgram}"}`,
  }
}

const nativeCurrency = {
  CollectionAddress: '',
  Decimals: 9,
  EditionNonce: null,
  Fungible: true,
  IsMutable: false,
  Key: '',
  MetadataAddress: '',
  MintAddress: '11111111111111111111111111111111',
  Name: 'Solana',
  Native: true,
  PrimarySaleHappened: false,
  ProgramAddress: '',
  SellerFeeBasisPoints: 0,
  Symbol: 'SOL',
  TokenCreators: null,
  TokenStandard: null,
  UpdateAuthority: 'NativeLoader1111111111111111111111111111111',
  Uri: '',
  VerifiedCollection: false,
  Wrapped: false,
}
