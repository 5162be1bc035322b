import { readFileSync } from 'node:fs'
import { isMap, isScalar, type Pair, parseDocument, type YAMLMap } from 'yaml'

/** One key of values.yaml. */
export interface ValueKey {
  readonly path: readonly string[]
  /** The comment above it, as one text; '' for the parent of documented keys. */
  readonly description: string
  readonly value: unknown
}

/**
 * The keys of values.yaml in order, each with the comment above it. A map whose own keys have
 * comments is expanded; one without is a single value (a probe, a security context).
 */
export function readValueKeys(file: string): readonly ValueKey[] {
  const document = parseDocument(readFileSync(file, 'utf8'))
  if (!isMap(document.contents)) throw new Error(`${file} holds no map`)
  return document.contents.items.flatMap((pair) =>
    keysOf(pair, [], document.contents?.commentBefore),
  )
}

function keysOf(pair: Pair, parents: readonly string[], above?: string | null): ValueKey[] {
  if (!isScalar(pair.key)) throw new Error('a key of values.yaml is not text')
  const path = [...parents, String(pair.key.value)]
  const description = textOf(pair.key.commentBefore ?? above ?? undefined)
  const value = pair.value
  if (isMap(value) && hasComments(value)) {
    const own = { path, description, value: undefined }
    const children = value.items.flatMap((child, index) =>
      keysOf(child, path, index === 0 ? value.commentBefore : undefined),
    )
    return [own, ...children]
  }
  const plain = isMap(value) || isScalar(value) ? value.toJSON() : toPlain(value)
  return [{ path, description, value: plain }]
}

function toPlain(value: unknown): unknown {
  const node = value as { toJSON?: () => unknown } | null
  return node?.toJSON?.() ?? null
}

function hasComments(map: YAMLMap): boolean {
  const own = typeof map.commentBefore === 'string'
  return (
    own ||
    map.items.some(({ key, value }) => {
      if (isScalar(key) && typeof key.commentBefore === 'string') return true
      return isMap(value) && hasComments(value)
    })
  )
}

function textOf(comment: string | undefined): string {
  // A separate paragraph introduces the file, not the key.
  const own = (comment ?? '').split(/\n\s*\n/).at(-1) ?? ''
  return own
    .split('\n')
    .map((line) => line.trim())
    .join(' ')
    .trim()
}
