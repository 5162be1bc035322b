import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import test from 'node:test'
import { goldenFile } from './golden.ts'
import { chart, helm, manifests, renderScenario, scenarioFile, scenarios } from './tools/helm.ts'
import { validate } from './tools/validate.ts'

/** The oldest the chart says it runs on, the newest there is a schema of, and some between. */
const VERSIONS = ['1.25.0', '1.27.0', '1.30.0', '1.34.0', '1.37.0']

for (const scenario of scenarios) {
  test(`${scenario}: passes helm lint --strict`, () => {
    const { status, stdout, stderr } = helm([
      'lint',
      '--strict',
      chart,
      '--values',
      scenarioFile(scenario),
    ])
    assert.equal(status, 0, stdout + stderr)
    assert.doesNotMatch(stderr, /Fail:/)
  })

  test(`${scenario}: renders what its golden file says; if it should not: npm run chart:golden`, () => {
    assert.equal(renderScenario(scenario), readFileSync(goldenFile(scenario), 'utf8'))
  })

  for (const version of VERSIONS) {
    test(`${scenario}: every object is valid in Kubernetes ${version}, unknown keys refused`, () => {
      const objects = manifests(renderScenario(scenario, '', version))
      assert.deepEqual(validate(objects, version), [])
    })
  }
}

test('the validator sees a key that is not there, in Kubernetes own objects and in the others', () => {
  const [deployment, scaledObject, podMonitor] = [
    ...manifests(renderScenario('sasl-ssl-mtls-keda')),
    ...manifests(renderScenario('monitoring')),
  ]
    .filter(({ kind }) => ['Deployment', 'ScaledObject', 'PodMonitor'].includes(kind))
    .filter((object, index, all) => all.findIndex(({ kind }) => kind === object.kind) === index)
    .map((object) => ({ ...object, spec: { ...(object['spec'] as object), replica: 1 } }))
  assert.ok(deployment && scaledObject && podMonitor)
  const problems = validate([deployment, scaledObject, podMonitor], '1.34.0')
  assert.equal(problems.length, 3, problems.join('\n'))
  for (const problem of problems) assert.match(problem, /'replica' was unexpected/)
})

test('each golden file belongs to a scenario', () => {
  const golden = readdirSync(join(import.meta.dirname, 'golden')).map((file) =>
    basename(file, '.yaml'),
  )
  assert.deepEqual(golden.sort(), [...scenarios])
})
