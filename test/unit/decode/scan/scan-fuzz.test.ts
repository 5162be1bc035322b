import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import { createDecoder } from '../../../../src/decode/decoder.ts'
import { parseJson } from '../../../../src/decode/json.ts'
import { HEADER_BYTES, schemaIdOf } from '../../../../src/decode/registry/header.ts'
import { createWantedReader } from '../../../../src/decode/scan/scanner.ts'
import { union } from '../../../../src/decode/scan/wanted-fields.ts'
import { findEvents } from '../../../../src/decode/streams/find-events.ts'
import { streams } from '../../../../src/decode/streams/index.ts'
import { decodeText } from '../../../../src/decode/text.ts'
import type { Json } from '../../../../src/decode/types.ts'
import { codeOf, messageOf } from '../../../../src/kernel/errors.ts'
import { fuzz, type Random } from '../../../support/random.ts'
import { changed, pathsOf } from '../streams/fixtures.ts'

const folder = join(import.meta.dirname, '../../../fixtures')
const documents = readdirSync(folder)
  .filter((name) => /^(solana|tron)\..*\.json$/.test(name))
  .map((name) => parseJson(readFileSync(join(folder, name))))

let unreadable = 0
const decoder = createDecoder(
  { topics: [], maxMessageBytes: 10_000_000 },
  {
    onUnreadable(_, entries) {
      unreadable += entries
    },
  },
)
const { scan } = createWantedReader(union(streams.map(({ wanted }) => wanted)))

/** What a decoder without a scanner would say. */
function expected(bytes: Buffer): object {
  try {
    // Damage may begin like the header of a schema registry.
    const document = parseJson(schemaIdOf(bytes) === null ? bytes : bytes.subarray(HEADER_BYTES))
    return { ...findEvents(document, streams), document }
  } catch (error) {
    return { code: codeOf(error), message: messageOf(error) }
  }
}

function actual(value: Buffer): object {
  unreadable = 0
  const place = { topic: 't', partition: 0, offset: 0, timestamp: 0, key: null }
  const result = decoder.decode({ ...place, value, headers: undefined })
  if (!result.ok) return { code: codeOf(result.error), message: messageOf(result.error) }
  const { events, document } = result.message
  return { events, unreadable, document }
}

const strange: readonly Json[] = [
  ...[null, 0, -1.5, 2 ** 53, '', 'x', '18446744073709551557', '日本', '\ud800', '"\\\n'],
  ...[true, [], [null], {}, [{}], { Signature: 'x' }, { Success: true }, [[1]]],
  JSON.parse('{"__proto__":{"a":1}}'),
]

/** A document with some of its values replaced, written with spaces, escapes and big integers. */
function write(random: Random, document: Json): string {
  let mutated = document
  for (let count = random(4); count > 0; count--) {
    const path = random.pick(pathsOf(mutated))
    if (path.length > 0) mutated = changed(mutated, path, random.pick(strange))
  }
  const text = JSON.stringify(mutated, null, random.pick([0, 0, 1, '\t']))
  return text.replaceAll(/"(?:[^"\\]|\\.)*"|\d+/g, (part) => {
    if (!random.chance(0.02)) return part
    if (part[0] !== '"')
      return random.pick(['18446744073709551557', `${part}.0`, `-${part}`, '1e400'])
    if (part.length < 3 || part.includes('\\')) return part
    const code = part.charCodeAt(1).toString(16).padStart(4, '0')
    return `"\\u${code}${part.slice(2)}`
  })
}

const snippets = [...'"\\:,[]{} \0\x1f\xff\xc30-.eu', '"Block":', '{"Transfer":']

/** Damages it in a few places, or repeats a part of it. */
function damage(random: Random, bytes: Buffer): Buffer {
  let damaged = bytes
  for (let count = 1 + random(3); count > 0; count--) {
    const at = random(damaged.length + 1)
    const end = Math.min(damaged.length, at + random.pick([0, 1, 1, 2, 60]))
    const from = random(damaged.length)
    const put = random.chance(0.2)
      ? damaged.subarray(from, from + 60)
      : Buffer.from(random.pick(['', ...snippets]), 'latin1')
    damaged = Buffer.concat([damaged.subarray(0, at), put, damaged.subarray(end)])
  }
  return damaged
}

test('messages are read as if they were parsed: events, documents and errors', () => {
  const seen = { scanned: 0, parsed: 0, refused: 0 }
  fuzz('scanned JSON', 1_500, (random) => {
    const text = Buffer.from(write(random, random.pick(documents)))
    const bytes = random.chance(0.5) ? text : damage(random, text)
    const wanted = expected(bytes)
    assert.deepEqual(actual(bytes), wanted, bytes.toString('latin1'))
    if ('code' in wanted) seen.refused++
    else if (scan(bytes) === null) seen.parsed++
    else seen.scanned++
  })
  const { scanned, parsed, refused } = seen
  assert.ok(scanned > 0 && parsed > 0 && refused > 0, JSON.stringify(seen))
})

function parses(bytes: Buffer): boolean {
  try {
    JSON.parse(decodeText(bytes))
    return true
  } catch {
    return false
  }
}

test('what the scanner accepts, JSON.parse accepts: every byte of a text replaced', () => {
  const text = Buffer.from('[{"Amount":-1.5e+3,"Of":[true,false,null,"\\u00e9\\n",{}],"é":12}]')
  const { scan: check } = createWantedReader({})
  for (let at = 0; at < text.length; at++) {
    for (let byte = 0; byte < 256; byte++) {
      const bytes = Buffer.from(text)
      bytes[at] = byte
      const isAccepted = check(bytes) !== null
      const isValid = parses(bytes)
      assert.equal(isAccepted, isValid, bytes.toString('latin1'))
    }
  }
})

test('streams look at no field that they do not want', () => {
  for (const stream of streams) {
    for (const document of documents) {
      for (const entry of document as Json[]) {
        const watched = watch(entry, stream.wanted, stream.name) as never
        if (!stream.matches(watched)) continue
        const found = { events: [], unreadable: 0 }
        stream.read(watched, found)
        assert.equal(found.events.length, 1)
      }
    }
  }
})

/** Throws when a field is looked at that is not wanted. */
function watch(value: unknown, wanted: object | true, path: string): unknown {
  if (Array.isArray(value)) return value.map((element) => watch(element, wanted, path))
  if (value === null || typeof value !== 'object') return value
  const look = (name: string | symbol): object | true => {
    const below = wanted === true ? undefined : Reflect.get(wanted, name)
    assert.ok(below !== undefined, `${path}.${String(name)} is not wanted`)
    return below
  }
  return new Proxy(value, {
    get: (target, name) => watch(Reflect.get(target, name), look(name), `${path}.${String(name)}`),
    has: (target, name) => look(name) !== undefined && Reflect.has(target, name),
  })
}
