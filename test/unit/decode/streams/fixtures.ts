import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseJson } from '../../../../src/decode/json.ts'
import { findEvents as find, streamsOf } from '../../../../src/decode/streams/find-events.ts'
import { streams } from '../../../../src/decode/streams/index.ts'
import type { Json } from '../../../../src/decode/types.ts'

/** The events of the streams that `decode.topics[].events` names. */
export function findEvents(document: Json, source: string) {
  return find(document, streamsOf('json', source, streams))
}

/** A document as the decoder hands it on, free to be changed by the test. */
export function fixtureDocument(name: string): Json {
  const file = join(import.meta.dirname, '../../../fixtures', `${name}.json`)
  return parseJson(readFileSync(file))
}

type Step = string | number

/** A copy of the document with the value at the path replaced, or removed when undefined. */
export function changed(document: Json, path: readonly Step[], value: Json | undefined): Json {
  const copy = structuredClone(document)
  let at = copy as unknown as Record<Step, unknown>
  for (const step of path.slice(0, -1)) at = at[step] as Record<Step, unknown>
  const last = path.at(-1) as Step
  if (value === undefined) delete at[last]
  else at[last] = value
  return copy
}

/** Every path in a document that leads to a value, containers included. */
export function pathsOf(document: Json, path: readonly Step[] = []): Step[][] {
  if (document === null || typeof document !== 'object') return [[...path]]
  const entries: Array<[Step, Json]> = Array.isArray(document)
    ? document.map((value, index) => [index, value])
    : Object.entries(document)
  const below = entries.flatMap(([step, value]) => pathsOf(value, [...path, step]))
  return path.length === 0 ? below : [[...path], ...below]
}
