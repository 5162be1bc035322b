import { createRandom } from '../random.ts'

/**
 * Texts around 64 KiB, the size of a block, whose last bytes repeat earlier ones, beginning at each
 * of the last places: the format has rules for the end of a block.
 */
export function* endings(): Generator<Buffer> {
  const text = '{"Address":"CvEK6qvJhy9hQAZ77z","Amount":120270000},'.repeat(2_600)
  for (const size of [65_520, 65_536, 131_040, 131_072]) {
    for (let repeated = 4; repeated <= 16; repeated++) {
      const unlike = Array.from({ length: 24 }, (_, index) => String.fromCharCode(161 + index))
      const end = `${unlike.join('')}${text.slice(0, repeated)}`
      yield Buffer.from(text.slice(0, size - end.length) + end, 'latin1')
    }
  }
}

/** Short words again and again with letters in between: everywhere a repetition begins nearby. */
export function dictionaryText(seed: number, length: number): string {
  const random = createRandom(seed)
  const letters = () => random.bytes(8).toString('hex')
  const words = Array.from({ length: 64 }, letters)
  let text = ''
  while (text.length < length) {
    text += `${words[random(words.length)]?.slice(random(8))}${random(36).toString(36)}`
  }
  return text.slice(0, length)
}
