import assert from 'node:assert/strict'
import test from 'node:test'
import { fields } from '../../../../src/config/schema/catalog.ts'
import { configJsonSchema } from '../../../../src/config/schema/index.ts'

test('the JSON schema holds every key, refuses others, and says what each is for', () => {
  const root: unknown = configJsonSchema()
  for (const { path, key } of fields) {
    let node = root
    for (const name of path) {
      assert.equal(Reflect.get(Object(node), 'additionalProperties'), false, key)
      node = Reflect.get(Object(Reflect.get(Object(node), 'properties')), name)
    }
    assert.equal(typeof Reflect.get(Object(node), 'description'), 'string', key)
  }
})

test('every key has a form that says what is allowed, and one that is not required has a default or example', () => {
  for (const field of fields) {
    assert.ok(field.form.length > 3 && field.form !== 'undefined', field.key)
    assert.ok(field.description.endsWith('.'), field.key)
    assert.notEqual(field.example, undefined, field.key)
    if (field.required) assert.equal(field.default, undefined)
  }
})
