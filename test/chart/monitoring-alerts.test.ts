import assert from 'node:assert/strict'
import test from 'node:test'
import { AGE, cases, healthy, READY } from './tools/alert-cases.ts'
import { evaluate, type Series } from './tools/promtool.ts'
import { POD, type Rule, type RuleGroup, ruleGroups } from './tools/rules.ts'

const groups = ruleGroups()
for (const { when, series: changed, at, fires, labels = {} } of cases) {
  test(`${when}: ${fires.length === 0 ? 'no alert' : fires.join(', ')}`, () => {
    const alerts = firing(groups, merged(changed), at)
    assert.deepEqual(
      alerts.map(({ alertname }) => alertname?.replace(/^OnchainConsumer/, '')),
      fires,
    )
    for (const alert of alerts) {
      assert.partialDeepStrictEqual(alert, { deployment: 'transfers-onchain-consumer', ...labels })
      for (const name of namedLabels(ruleOf(alert['alertname'])))
        assert.ok(name in alert, `its text names ${name}, which it has not`)
    }
  })
}

test('every alert is seen to fire', () => {
  const seen = new Set(cases.flatMap(({ fires }) => fires.map((name) => `OnchainConsumer${name}`)))
  const all = groups.flatMap(({ rules }) => rules.map(({ alert }) => alert))
  assert.deepEqual([...seen].sort(), all.sort())
})

test('the pods of another release, and of another namespace, raise no alert of this one', () => {
  const bad = merged({ [READY]: '0x120', [AGE]: '999x120' })
  const others = Object.entries(bad).flatMap(([name, values]) => [
    [name.replace(POD, 'transfers-onchain-consumer-two-onchain-consumer-5b8-zz'), values],
    [name.replace('namespace="chain"', 'namespace="other"'), values],
  ])
  assert.deepEqual(firing(groups, { ...healthy, ...Object.fromEntries(others) }, '30m'), [])
})

test('thresholds, labels, the runbook and what is disabled come from the values', () => {
  const own = ruleGroups('everything')
  const rule = own.flatMap(({ rules }) => rules).find(({ alert }) => /LossSoon/.test(alert))
  assert.match(rule?.expr ?? '', /< 120 \* 60/)
  assert.equal(rule?.labels['team'], 'chain')
  assert.match(rule?.annotations['runbook_url'] ?? '', /^https:.*#onchainconsumerdatalosssoon$/)
  const names = own.flatMap(({ rules }) => rules.map(({ alert }) => alert))
  assert.ok(!names.includes('OnchainConsumerIdlePods'))
  assert.ok(!names.includes('OnchainConsumerDown'), 'it scales to zero: no pod is as it should be')
})

test('nothing is left to fill in', () => {
  assert.doesNotMatch(JSON.stringify([groups, ruleGroups('everything')]), /\$\{/)
})

function merged(changed: Readonly<Record<string, string | null>>): Series {
  const entries = Object.entries({ ...healthy, ...changed })
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => entry[1] !== null))
}

function firing(rules: readonly RuleGroup[], given: Series, time: string) {
  const [samples = []] = evaluate(rules, given, time, ['ALERTS{alertstate="firing"}'])
  return samples.map(({ labels }): Readonly<Record<string, string>> => labels)
}

function ruleOf(name: string | undefined): Rule {
  const rule = groups.flatMap(({ rules }) => rules).find(({ alert }) => alert === name)
  assert.ok(rule)
  return rule
}

function namedLabels({ annotations }: Rule): string[] {
  const texts = Object.values(annotations).join(' ')
  return [...texts.matchAll(/\$labels\.(\w+)/g)].map(([, label = '']) => label)
}
