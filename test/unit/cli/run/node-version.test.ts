import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import { nodeProblem } from '../../../../src/cli/run/node-version.ts'

const SOURCE = join(import.meta.dirname, '../../../../src')

/** Runs with this Node, which says that it is another one. */
function runAs(version: string, file: string, ...args: readonly string[]) {
  const lie = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${version}' } })`
  const preload = `data:text/javascript,${encodeURIComponent(lie)}`
  return spawnSync(process.execPath, ['--import', preload, join(SOURCE, file), ...args], {
    encoding: 'utf8',
  })
}

test('reports a Node that is too old in one line', () => {
  for (const file of ['main.ts', '../dev/check-node.mjs']) {
    const { status, stdout, stderr } = runAs('20.20.2', file, 'version')
    assert.deepEqual([status, stdout], [1, ''])
    assert.match(stderr, /^[^\n]*Node 20\.20\.2 is too old: 22\.19 or newer is needed[^\n]*\n$/)
  }
  assert.equal(runAs('24.1.0', 'main.ts', 'version').status, 0)
})

test('the bounds are those of package.json', () => {
  for (const version of ['22.19.0', '22.20.1', '23.0.0', '100.0.0']) {
    assert.equal(nodeProblem(version), null)
  }
  for (const version of ['22.18.9', '18.20.0', '9.0.0']) assert.notEqual(nodeProblem(version), null)
  const { engines } = JSON.parse(readFileSync(join(SOURCE, '../package.json'), 'utf8'))
  assert.match(
    nodeProblem('20.0.0') ?? '',
    new RegExp(`${engines.node.replace('>=', '')} or newer`),
  )
})

test('imports nothing before the version check', () => {
  const importsOf = (file: string) =>
    Array.from(
      readFileSync(join(SOURCE, file), 'utf8').matchAll(/^import .*'(.+)'$/gm),
      (m) => m[1],
    )
  assert.deepEqual(importsOf('main.ts'), ['./cli/run/node-version.ts'])
  assert.deepEqual(importsOf('cli/run/node-version.ts'), [])
})
