import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import test from 'node:test'
import { generatedChartFiles } from '../../dev/chart/generated.ts'
import { fields } from '../../src/config/schema/catalog.ts'
import { chart } from './tools/helm.ts'

test('the schema and the README are what values.yaml and the code say; if not: npm run docs', () => {
  for (const { path, content } of generatedChartFiles()) {
    assert.equal(readFileSync(path, 'utf8'), content, `${path} is stale`)
  }
})

test('every setting of the service can be set from the values, and each is described', () => {
  const schema: unknown = JSON.parse(readFileSync(`${chart}/values.schema.json`, 'utf8'))
  for (const { path, description } of fields) {
    let inner = property(schema, 'config')
    for (const name of path) inner = property(inner, name)
    assert.equal((inner as { description?: string }).description, description, path.join('.'))
  }
})

test('nowhere may a key stand that is not named, but in parts of Kubernetes objects', () => {
  const schema: unknown = JSON.parse(readFileSync(`${chart}/values.schema.json`, 'utf8'))
  const open: string[] = []
  walk(schema, '', (inner, path) => {
    if (inner['properties'] !== undefined && inner['additionalProperties'] !== false)
      open.push(path)
  })
  assert.deepEqual(open, [])
})

function property(schema: unknown, name: string): unknown {
  const found = (schema as { properties?: Record<string, unknown> }).properties?.[name]
  assert.ok(found !== undefined, `${name} is not in the schema`)
  return found
}

/** The schema and all schemas in it; `properties` may be a key of the values too. */
function walk(
  schema: unknown,
  path: string,
  visit: (schema: Record<string, unknown>, path: string) => void,
): void {
  if (typeof schema !== 'object' || schema === null) return
  const own = schema as Record<string, unknown>
  visit(own, path)
  for (const [name, child] of Object.entries(own['properties'] ?? {}))
    walk(child, `${path}.${name}`, visit)
  for (const child of [own['items'], own['anyOf']].flat()) walk(child, path, visit)
}
