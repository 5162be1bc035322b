import type { Random } from './random.ts'
import type { MessageSize } from './types.ts'

/** Share and range of bytes: in a busy topic most messages are small and a few near the limit. */
const mixed: ReadonlyArray<readonly [number, number, number]> = [
  [0.6, 1_500, 8_000],
  [0.3, 8_000, 60_000],
  [0.09, 60_000, 400_000],
  [0.01, 400_000, 1_000_000],
]

/** Draws the target size of one message in bytes. */
export function drawSize(size: MessageSize, random: Random): number {
  if (typeof size === 'number') return size
  if (size !== 'mixed') return logUniform(size.min, size.max, random)
  let roll = random.below(1_000_000) / 1_000_000
  for (const [share, min, max] of mixed) {
    if (roll < share) return logUniform(min, max, random)
    roll -= share
  }
  return 3600
}

/** Every doubling of the size is equally likely. */
function logUniform(min: number, max: number, random: Random): number {
  return min * (max / min) ** (random.below(1_000_000) / 1_000_000)
}
