import assert from 'node:assert/strict'
import test from 'node:test'
import { commands } from '../../../src/cli/commands.ts'
import { main } from '../../../src/cli/index.ts'
import { asTyped, programOf } from '../../../src/cli/program.ts'
import { fakeIo } from '../../support/fake-io.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const CLONE = { npm_lifecycle_event: 'cli' }

test('how a command is typed follows from how the process was started', () => {
  for (const [entry, env, program] of [
    ['/clone/src/main.ts', CLONE, 'npm run --silent cli --'],
    ['/clone/src/main.ts', { npm_lifecycle_event: 'start' }, 'npm run --silent cli --'],
    ['/clone/src/main.ts', {}, 'node src/main.ts'],
    ['/other/src/main.ts', {}, 'node /other/src/main.ts'],
    ['/clone/node_modules/.bin/onchain-consumer', {}, 'npx onchain-consumer'],
    ['/usr/local/bin/onchain-consumer', {}, 'onchain-consumer'],
    ['/app/dist/main.js', {}, 'node /app/dist/main.js'],
  ] as const) {
    assert.equal(programOf(entry, env, '/clone'), program)
  }
})

test('every command of a text is written as it is typed; prose stays', () => {
  const io = { program: 'npm run --silent cli --' }
  for (const name of [...commands.map((command) => command.name), 'help']) {
    assert.equal(asTyped(`onchain-consumer ${name} -x`, io), `npm run --silent cli -- ${name} -x`)
  }
  assert.equal(asTyped('npm install onchain-consumer', io), 'npm install onchain-consumer')
})

test('handler new, help and mistakes name commands that work in a clone', async (t) => {
  async function run(...args: string[]) {
    const io = { ...fakeIo(), program: 'npm run --silent cli --' }
    await main(args, io)
    return io.stdout.written() + io.stderr.written()
  }
  const created = await run('handler', 'new', 'whale', '--folder', temporaryFolder(t))
  assert.match(
    created,
    /\n {2}npx node --test \S+whale\.test\.ts\n {2}npm run --silent cli -- handler test \S/,
  )
  assert.doesNotMatch(created, /onchain-consumer [a-z]|npm install/)
  assert.match(await run('help', 'dlq'), /^Usage: npm run --silent cli -- dlq list/m)
  assert.equal(await run('help', 'dlq', 'redrive'), await run('help', 'dlq'))
  assert.match(await run('help', 'dlq', 'redrvie'), /unexpected argument "redrvie"/)
  assert.match(await run('help'), /Usage: npm run --silent cli -- \[COMMAND\]/)
  assert.match(await run('dlq', 'lst'), /\nSee: npm run --silent cli -- help dlq\n$/)
})
