import assert from 'node:assert/strict'
import test from 'node:test'
import { configOf, loadYaml, problemsOf } from './support.ts'

test('the keys of a webhook that need or exclude each other', (t) => {
  const problems = (keys: string) =>
    problemsOf(loadYaml(t, `sinks: {hook: {type: webhook, ${keys}}}\n`))
  const file = 'config.yaml'
  assert.deepEqual(problems('url: "https://a.example/x"'), [])
  assert.deepEqual(problems(`template: slack, urlFile: ${file}`), [])
  assert.deepEqual(problems(`template: telegram, tokenFile: ${file}, chat: "1"`), [])
  assert.deepEqual(problems(`template: pagerduty, tokenFile: ${file}`), [])
  assert.deepEqual(problems('timeout: 5s'), ['sinks.hook.url: is missing'])
  assert.deepEqual(problems('url: "ftp://a.example"'), ['sinks.hook.url: is not a URL of HTTP'])
  assert.deepEqual(problems('url: "https://u:p@a.example"'), ['sinks.hook.url: holds a password'])
  assert.deepEqual(problems('url: "http://a.example"'), ['sinks.hook.url: is without TLS'])
  assert.deepEqual(problems('url: "http://a.example", allowPrivate: true'), [])
  assert.deepEqual(problems('template: slack, url: "https://a.example/T0/secret"'), [
    'sinks.hook.url: lets anybody write to slack who reads it',
  ])
  assert.deepEqual(problems('template: telegram'), [
    'sinks.hook.tokenFile: is missing',
    'sinks.hook.chat: is missing',
  ])
  assert.deepEqual(problems('url: "https://a.example", signature: github'), [
    'sinks.hook.secretFile: is missing: nothing could be signed',
  ])
  assert.deepEqual(problems(`template: slack, urlFile: ${file}, batch: {values: 2}`), [
    'sinks.hook.batch: is not for template slack: a message is one value',
  ])
})

test('a fallback is another sink that is there', (t) => {
  const problems = (fallback: string) =>
    problemsOf(
      loadYaml(
        t,
        `sinks: {rows: {type: file, path: a, fallback: ${fallback}}, out: {type: log}}\n`,
      ),
    )
  assert.deepEqual(problems('out'), [])
  assert.deepEqual(problems('rows'), ['sinks.rows.fallback: is the sink itself'])
  assert.deepEqual(problems('outt'), [
    'sinks.rows.fallback: is not there: no sink is called "outt", there are rows, out. Did you mean out?',
  ])
})

test('the files of a webhook begin in the folder of the configuration', (t) => {
  const { sinks } = configOf(
    loadYaml(t, 'sinks: {hook: {type: webhook, template: slack, urlFile: config.yaml}}\n'),
  )
  const hook = sinks['hook']
  assert.ok(hook?.type === 'webhook')
  assert.match(hook.urlFile ?? '', /^\/.*\/config.yaml$/)
})
