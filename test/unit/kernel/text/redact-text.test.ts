import assert from 'node:assert/strict'
import test from 'node:test'
import { hideSecrets, MAX_TEXT, redactText } from '../../../../src/kernel/text/redact-text.ts'
import { createRandom } from '../../../support/random.ts'

const SECRET = 'hunter2hunter2'

test('passwords and tokens are hidden wherever an error may quote them', () => {
  for (const [text, hidden] of [
    [`GET /v1/x?apikey=${SECRET}&limit=5 failed`, 'GET /v1/x?apikey=[redacted]&limit=5 failed'],
    [`/x?api_key=${SECRET}`, '/x?api_key=[redacted]'],
    [`/x?a=1&key=${SECRET}#b`, '/x?a=1&key=[redacted]#b'],
    [`token=${SECRET}`, 'token=[redacted]'],
    [`access_token: "${SECRET} ${SECRET}", next`, 'access_token: [redacted], next'],
    [`{"password":"${SECRET}\\" ${SECRET}"}`, '{"password":[redacted]}'],
    [`"{\\"clientSecret\\": \\"${SECRET}\\"}"`, '"{\\"clientSecret\\": [redacted]'],
    [`Authorization: Bearer ${SECRET}`, 'Authorization: [redacted]'],
    [`authorization=Token ${SECRET}\nnext`, 'authorization=[redacted]\nnext'],
    [`Set-Cookie: a=${SECRET}; b=c`, 'Set-Cookie: [redacted]'],
    [`sent bearer ${SECRET}, refused`, 'sent bearer [redacted], refused'],
    [`Basic ${SECRET}==`, 'Basic [redacted]'],
    [`https://${SECRET}@host/a@b`, 'https://[redacted]@host/a@b'],
    [`https://${SECRET}@host:8080/a@b`, 'https://[redacted]@host:8080/a@b'],
    [`https://host/x,https://u:${SECRET}@h/y`, 'https://host/x,https://u:[redacted]@h/y'],
    [`amqp://u:${SECRET}://x@h/y (u)`, 'amqp://u:[redacted]@h/y (u)'],
    [`user:${SECRET}@host:5432`, 'user:[redacted]@host:5432'],
    [`postgres://user:p@ss/${SECRET}@db/app`, 'postgres://user:[redacted]@db/app'],
  ] as const) {
    assert.equal(redactText(text), hidden)
  }
})

test('what helps to find a mistake is kept', () => {
  for (const text of [
    'kafka.sasl.passwordFile: /run/secrets/password is missing',
    'https://host:8080/path?limit=5&offset=a',
    'see https://example.com/@scope/name',
    'Unexpected token \'}\', "{"a":}" is not valid JSON',
    'connect ECONNREFUSED 127.0.0.1:9092',
    'topic/3:17, tokens: 3, basic checks',
  ]) {
    assert.equal(redactText(text), text)
  }
})

test('a text is cut, and no secret that the cut goes through is seen by half', () => {
  for (const secret of [
    `https://user:${SECRET}@host`,
    `https://user:${SECRET.repeat(500)}@host`,
    `https://${SECRET.repeat(500)}@host`,
    `-----BEGIN PRIVATE KEY-----\n${SECRET.repeat(500)}\n-----END PRIVATE KEY-----`,
    `user:${SECRET.repeat(500)}@host`,
    `token="${SECRET.repeat(500)}"`,
    `Cookie: ${SECRET.repeat(500)}`,
  ]) {
    for (let before = MAX_TEXT - 60; before <= MAX_TEXT; before++) {
      const text = redactText(
        `${'word '.repeat(before / 5)}${'x'.repeat(before % 5)} ${secret} end`,
      )
      assert.ok(text.length <= MAX_TEXT + 6, String(text.length))
      assert.ok(!text.includes('hunter'), `${before}: ${text.slice(-100)}`)
    }
  }
  const cutPair = redactText(`${'x'.repeat(MAX_TEXT - 1)}😀 more`)
  assert.ok(cutPair.isWellFormed())
})

test('text after the cut is not checked: 1 MB takes as long as 10 kB', (t) => {
  const start = 'GET https://host/x?apikey=abc failed: '
  const large = `${start}${'{"a":"b:c@d"}, '.repeat(70_000)}`
  assert.ok(large.length > 1_000_000)
  const started = performance.now()
  const text = redactText(large)
  t.diagnostic(`1 MB of error text: ${(performance.now() - started).toFixed(1)} ms (goal: 50)`)
  assert.equal(text, redactText(large.slice(0, MAX_TEXT + 2_000)))
})

/** Starts of hidden patterns without their ends: the worst case for a regular expression. */
const PARTS = [
  ...['a://', 'a:b', ':', '@', '/', '://', 'u:p@', ' ', '\n', '"', "'", '\\', '\\"', '=', '&', '?'],
  ...[
    'token',
    'token=',
    'password:',
    'password": "',
    "pwd='",
    'apikey',
    'authorization:',
    'cookie',
  ],
  ...['bearer ', 'basic ', '-----BEGIN ', '-----BEGIN PRIVATE KEY-----', '-----END ', 'A', 'x.-_'],
]

test('the time is linear in the length, whatever the text is made of', (t) => {
  const random = createRandom(3)
  const pick = () => PARTS[random(PARTS.length)] ?? ''
  const made = Array.from({ length: 80 }, () =>
    Array.from({ length: 2 + random(4) }, pick).join(''),
  )
  let worst = { growth: 0, unit: '' }
  for (const unit of [...PARTS, ...made]) {
    const growth = growthOf(unit.repeat(Math.ceil(6_000 / unit.length)))
    if (growth > worst.growth) worst = { growth, unit }
  }
  t.diagnostic(`32 times the text: ${worst.growth.toFixed(1)} times, ${JSON.stringify(worst.unit)}`)
  // Linear is 32, quadratic 1,024.
  assert.ok(worst.growth < 256, JSON.stringify(worst))
})

/** Ratio of the time for 32 times the text. Measured again if other load interfered. */
function growthOf(text: string): number {
  let least = Number.POSITIVE_INFINITY
  for (let attempt = 0; attempt < 3 && least >= 256; attempt++) {
    // A shorter time is not measured well, and is not quadratic.
    least = Math.min(least, costOf(text.repeat(32)) / Math.max(costOf(text), 0.1))
  }
  return least
}

/** Milliseconds of CPU time, the min of several runs: other processes may be running. */
function costOf(text: string): number {
  let least = Number.POSITIVE_INFINITY
  for (let run = 0; run < 4; run++) {
    const before = process.cpuUsage()
    hideSecrets(text, run % 2 === 0)
    const { user, system } = process.cpuUsage(before)
    least = Math.min(least, (user + system) / 1_000)
  }
  return least
}
