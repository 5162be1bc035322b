import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Api, Reader } from '../../../../src/broker/protocol/index.ts'

/** An answer in hex, with white space, and what it says. */
export type Answer = readonly [Api<never, unknown>, version: number, text: string, said: unknown]

/** The throttle time that most begin with: 5 ms. */
export const THROTTLE = '00000005'

export function checkAnswers(answers: readonly Answer[]): void {
  for (const [index, [api, version, text, expected]] of answers.entries()) {
    const bytes = Buffer.from(text.replaceAll(/\s/g, ''), 'hex')

    test(`${api.name} v${version} is read to its end (${index})`, () => {
      const reader = new Reader(bytes)
      assert.deepEqual(api.decode(reader, version), expected)
      assert.equal(reader.remaining, 0)
    })

    test(`${api.name} v${version} truncated anywhere is OCC_PROTOCOL (${index})`, () => {
      for (let length = 0; length < bytes.length; length++) {
        const cut = new Reader(bytes.subarray(0, length))
        assert.throws(() => api.decode(cut, version), { code: 'OCC_PROTOCOL' }, `${length} bytes`)
      }
    })

    test(`${api.name} v${version} with any byte changed is read or rejected (${index})`, () => {
      for (let at = 0; at < bytes.length; at++) {
        for (const value of [0x00, 0x7f, 0x80, 0xff]) {
          const changed = Buffer.from(bytes)
          changed[at] = value
          try {
            api.decode(new Reader(changed), version)
          } catch (error) {
            assert.match(
              String(Reflect.get(Object(error), 'code')),
              /^OCC_(PROTOCOL|OFFSET_RANGE)$/,
            )
          }
        }
      }
    })
  }
}
