import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import { configurationDocs, referenceConfig } from '../../../dev/docs/configuration.ts'
import { configOf, loadEnv, loadYaml, MIN } from '../config/support.ts'

const docs = join(import.meta.dirname, '../../../docs')

for (const [name, render] of [
  ['configuration.md', configurationDocs],
  ['reference-config.yaml', referenceConfig],
] as const) {
  test(`docs/${name} is what the schema says; if not: npm run docs`, () => {
    assert.equal(readFileSync(join(docs, name), 'utf8'), render())
  })
}

test('the reference loads and equals the defaults', (t) => {
  const reference = configOf(loadYaml(t, referenceConfig()))
  const defaults = configOf(loadEnv(MIN, { cwd: '/app' }))
  const { folder, ...file } = reference.deadLetters.file
  assert.match(folder, /\/dead-letters$/)
  assert.deepEqual(
    { ...reference, deadLetters: undefined },
    { ...defaults, deadLetters: undefined },
  )
  const { folder: _, ...defaultFile } = defaults.deadLetters.file
  assert.deepEqual(file, defaultFile)
  assert.deepEqual(reference.deadLetters.kafka, defaults.deadLetters.kafka)
  assert.deepEqual(reference.deadLetters.postgres, defaults.deadLetters.postgres)
})

test('what is commented out in the reference can be enabled', (t) => {
  const yaml = referenceConfig().replaceAll(/^( *)# (\w+: \S.*)$/gm, (line, indent, entry) =>
    // The registry's user name is nothing without its other keys.
    /^(mechanism|username|clientId): (?!consumer$)\S+$/.test(entry) ? `${indent}${entry}` : line,
  )
  assert.match(yaml, /^ {4}mechanism: SCRAM-SHA-512$/m)
  const result = loadYaml(t, yaml)
  assert.ok(result.ok)
  assert.match(result.warnings[0]?.message ?? '', /kafka\.sasl\.mechanism, kafka\.sasl\.username/)
})
