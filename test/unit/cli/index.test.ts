import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { join, relative } from 'node:path'
import test from 'node:test'
import { parseArgs } from 'node:util'
import { main } from '../../../src/cli/index.ts'
import { describeFailure } from '../../../src/cli/run/failure.ts'
import type { Command } from '../../../src/cli/terminal/io.ts'
import { CodedError, OccError } from '../../../src/kernel/errors.ts'
import { fakeIo } from '../../support/fake-io.ts'

/** A command that remembers what it was called with. */
function recorder(name: string) {
  const calls: Array<readonly string[]> = []
  const command: Command = {
    name,
    summary: `the ${name} command`,
    usage: `Usage: ${name}`,
    async run(args) {
      calls.push(args)
      return 7
    },
  }
  return { calls, command }
}

async function tell(argv: readonly string[], commands?: readonly Command[]) {
  const io = fakeIo()
  const code = await main(argv, io, commands)
  return { code, out: io.stdout.written(), error: io.stderr.written() }
}

test('runs the service with the flags if there is no command', async () => {
  const { calls, command } = recorder('run')
  assert.equal((await tell([], [command])).code, 7)
  assert.equal((await tell(['--config', 'x.yaml'], [command])).code, 7)
  assert.equal((await tell(['run', '--config', 'y.yaml'], [command])).code, 7)
  assert.deepEqual(calls, [[], ['--config', 'x.yaml'], ['--config', 'y.yaml']])
})

test('an empty value of a flag is none: a variable of the shell that is not set', async () => {
  for (const args of [['--group', ''], ['--group=']]) {
    const { code, error } = await tell(['lag', ...args])
    assert.equal(code, 2)
    assert.match(error, /^onchain-consumer: --group needs a value: --group NAME\n/)
  }
})

test('reports an unknown command with the closest one, and exit code 2', async () => {
  assert.deepEqual(await tell(['resmue', '--offline']), {
    code: 2,
    out: '',
    error:
      'onchain-consumer: unknown command "resmue"; did you mean resume?\nSee: onchain-consumer help\n',
  })
  const { code, error } = await tell(['xyzzy'])
  assert.equal(code, 2)
  assert.match(
    error,
    /unknown command "xyzzy"; the commands are run, check, handler, alert, peek, read, produce, lag, groups, topics, status, tap, replay, dlq, migrate, offsets, pause, resume, version/,
  )
})

test('help lists every command, and help <command> shows its flags', async () => {
  const { code, out } = await tell(['help'])
  assert.equal(code, 0)
  for (const name of ['run', 'check', 'dlq', 'pause', 'resume', 'version', 'help']) {
    assert.match(out, new RegExp(`^  ${name} +\\w`, 'm'))
  }
  for (const argv of [
    ['help', 'dlq'],
    ['dlq', '--help'],
    ['dlq', '-h'],
  ]) {
    assert.match((await tell(argv)).out, /Usage: onchain-consumer dlq[\s\S]*--max-redrives N/)
  }
  assert.equal((await tell(['--help'])).out, out)
  assert.equal((await tell(['help', 'nothing'])).code, 2)
  assert.equal((await tell(['help', 'run', 'check'])).code, 2)
})

test('help dlq lists each flag once, with the actions that take it', async () => {
  const { out } = await tell(['help', 'dlq'])
  assert.match(out, /^ {2}--topic NAME,\.\.\. +list, redrive, drop: only letters of these topics$/m)
  assert.match(out, /^ {2}--json +list: .+\n +show: .+ base64$/m)
  assert.match(out, /^ {2}--rate N +redrive: /m)
  assert.match(out, /^ {2}--config FILE +YAML file/m)
  for (const flag of out.matchAll(/^ {2}(--[a-z-]+)/gm)) {
    assert.equal(out.split(`\n  ${flag[1]} `).length, 2, flag[1])
  }
})

test('does not run the command when help is requested', async () => {
  const { calls, command } = recorder('run')
  assert.match((await tell(['run', '--help'], [command])).out, /Usage: run/)
  assert.deepEqual(calls, [])
})

test('version prints our version', async () => {
  for (const argv of [['version'], ['--version'], ['-V']]) {
    const { code, out } = await tell(argv)
    assert.equal(code, 0)
    assert.match(out, /^onchain-consumer \d+\.\d+\.\d+ \(Node v\d+/)
  }
  assert.match((await tell(['version', '--verbose'])).error, /unknown flag --verbose/)
})

test('returns exit code 2 for errors in arguments, and rethrows other errors', async () => {
  const bare: Command = {
    ...recorder('check').command,
    run: async (args) => {
      parseArgs({ args: [...args], options: {} })
      throw new OccError('OCC_CONFIG', 'kafka.brokers is missing')
    },
  }
  const { code, error } = await tell(['check', '--nothing'], [bare])
  assert.equal(code, 2)
  assert.match(error, /--nothing[\s\S]*See: onchain-consumer help check\n$/)
  await assert.rejects(tell(['check'], [bare]), { code: 'OCC_CONFIG' })
})

test('a coded error is shown as its message, a bug with its stack', () => {
  assert.equal(describeFailure(new CodedError('OCC_X', 'no broker answers')), 'no broker answers')
  assert.match(describeFailure(new TypeError('oops')), /TypeError: oops\n +at /)
  assert.equal(describeFailure('text'), 'text')
})

test('the process ends with the exit code and no stack trace', () => {
  const entry = join(import.meta.dirname, '../../../src/main.ts')
  const run = (...args: string[]) =>
    spawnSync(process.execPath, [entry, ...args], { encoding: 'utf8' })
  const wrong = run('check', '--ofline')
  assert.equal(wrong.status, 2)
  assert.equal(
    wrong.stderr,
    `onchain-consumer: unknown flag --ofline; did you mean --offline?\nSee: node ${relative('.', entry)} help check\n`,
  )
  assert.equal(run('version').status, 0)
})
