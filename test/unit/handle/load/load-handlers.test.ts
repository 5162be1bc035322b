import assert from 'node:assert/strict'
import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import { createInvoker } from '../../../../src/handle/call/invoker.ts'
import { createHandlerSet } from '../../../../src/handle/load/handler-set.ts'
import { type HandlerConfig, loadHandlers } from '../../../../src/handle/load/load-handlers.ts'
import { createAddressLists } from '../../../../src/handle/select/address-list.ts'
import { stackOf } from '../../../../src/kernel/error-stack.ts'
import { messageOf } from '../../../../src/kernel/errors.ts'
import { silentLog } from '../../../../src/kernel/log.ts'
import { createMeters } from '../../../../src/observe/meters/meters.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'
import { recordAt } from '../parts.ts'

/** Far from any node_modules, as a mounted ConfigMap is. */
async function modules(t: TestContext, files: Readonly<Record<string, string>>): Promise<string> {
  const folder = temporaryFolder(t)
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text)
  return folder
}

function load(t: TestContext, path: string, over: Partial<HandlerConfig> = {}) {
  return loadAll(t, [{ path, topics: ['*'], timeout: 1000, options: {}, ...over }])
}

function loadAll(t: TestContext, configs: readonly HandlerConfig[]) {
  const lists = createAddressLists(silentLog)
  t.after(() => lists.close())
  const { handler: meter } = createMeters()
  const sinks = ['alerts', 'rows']
  return loadHandlers(configs, { emit: async () => {}, lists, sinks, meter, log: silentLog })
}

const GOOD = `import { defineHandler, type Message } from 'onchain-consumer'
export default defineHandler({ name: 'good', handle(message: Message) { void message } })`

test('TypeScript and JavaScript files anywhere on disk can import the package', async (t) => {
  const folder = await modules(t, {
    'a.ts': GOOD,
    'b.js': `import { defineHandler, OccError } from 'onchain-consumer'
import { suffix } from './shared.mjs'
export default defineHandler({ name: 'js-' + suffix, handle() { void OccError } })`,
    'shared.mjs': "export const suffix = 'x'",
    'c.cjs': "module.exports = { name: 'common', handle() {} }",
    'd.ts': "export default { name: 'plain', handle() {} }",
  })
  const names: string[] = []
  for (const file of ['a.ts', 'b.js', 'c.cjs', 'd.ts']) {
    names.push(...(await load(t, join(folder, file))).map(({ name }) => name))
  }
  assert.deepEqual(names, ['good', 'js-x', 'common', 'plain'])
})

test('a handler without node_modules near it imports the packages that the service carries', async (t) => {
  const use = "new Pool({}); if (typeof escapeLiteral('x') !== 'string') throw new Error('not pg')"
  const folder = await modules(t, {
    'a.ts': `import pg, { Pool } from 'pg'
const { escapeLiteral } = pg
${use}
export default { name: 'imports', handle() {} }`,
    'b.js': `const { Pool, escapeLiteral } = require('pg')
${use}
module.exports = { name: 'requires', handle() {} }`,
  })
  const names = await Promise.all(
    ['a.ts', 'b.js'].map(async (file) => (await load(t, join(folder, file)))[0]?.name),
  )
  assert.deepEqual(names, ['imports', 'requires'])
})

test('a package that is installed beside the handler comes before the carried one', async (t) => {
  const folder = await modules(t, {
    'a.ts': "import pg from 'pg'\nexport default { name: pg.name, handle() {} }",
  })
  await mkdir(join(folder, 'node_modules/pg'), { recursive: true })
  await writeFile(join(folder, 'node_modules/pg/index.js'), "module.exports = { name: 'beside' }")
  const [handler] = await load(t, join(folder, 'a.ts'))
  assert.equal(handler?.name, 'beside')
})

test('the stack of a compiled handler names its source, line and all', async (t) => {
  // The first line of the file comes from line 41 of whale.ts.
  const map = { version: 3, sources: ['whale.ts'], names: [], mappings: 'AAwCA' }
  const encoded = Buffer.from(JSON.stringify(map)).toString('base64')
  const folder = await modules(t, {
    'whale.js': `export default { name: 'whale', handle() { throw new TypeError('x') } }
//# sourceMappingURL=data:application/json;base64,${encoded}`,
  })
  const [handler] = await load(t, join(folder, 'whale.js'))
  assert.ok(handler)
  const message = { record: recordAt(1), encoding: 'plain', bytes: 0, document: null, events: [] }
  const { signal } = new AbortController()
  const outcome = await createInvoker(handler).call(message, signal, 1, (given) => given)
  assert.ok(outcome.kind === 'retry')
  assert.match(stackOf(outcome.error) ?? '', /^ {4}at .*whale\.ts:41:\d+\)?$/m)
})

test('a module behind the links of a mounted ConfigMap is loaded', async (t) => {
  const folder = await modules(t, {})
  await mkdir(join(folder, '..2026'))
  await writeFile(join(folder, '..2026', 'a.ts'), GOOD)
  await symlink('..2026', join(folder, '..data'))
  await symlink('..data/a.ts', join(folder, 'a.ts'))
  const [handler] = await load(t, join(folder, 'a.ts'), { name: 'other' })
  assert.equal(handler?.name, 'other', 'the configuration may give another name')
})

const wrong: ReadonlyArray<readonly [string, string, RegExp]> = [
  [
    'no default export',
    'export const handler = 1',
    /no default export: it exports only handler\. Remedy: write `export default/,
  ],
  ['nothing exported', 'void 0', /exports nothing/],
  [
    'a syntax error',
    'export default {\n  name: ,\n}',
    /is not valid: .* at \S+wrong\.ts:2\. Remedy: correct/,
  ],
  [
    'an enum',
    'enum A { B }\nexport default { name: String(A.B), handle() {} }',
    /TypeScript syntax that Node cannot strip.*Remedy: avoid enums/,
  ],
  [
    'an import that does not exist',
    "import x from './gone.ts'\nexport default x",
    /imports something that does not exist: .*gone\.ts.*Remedy: mount the file/,
  ],
  [
    'a package that does not exist',
    "import x from 'leftpad-x'\nexport default x",
    /leftpad-x.*FROM/,
  ],
  ['an error while loading', "throw new Error('boom')", /failed to load: boom/],
  ['a function', 'export default () => {}', /exports a function/],
  ['no handle', "export default { name: 'a' }", /no function `handle`/],
  ['no name', 'export default { handle() {} }', /has no name/],
  ['a wrong name', "export default { name: 'a b', handle() {} }", /name "a b"/],
  [
    'an unknown field',
    "export default { name: 'a', handle() {}, opne() {} }",
    /an unknown field opne/,
  ],
  [
    'open that is not a function',
    "export default { name: 'a', handle() {}, open: 1 }",
    /open that is not a function/,
  ],
  [
    'a wrong batch',
    "export default { name: 'a', handle() {}, batch: { size: 0 } }",
    /batch: \{ size: 500/,
  ],
  ['wrong sinks', "export default { name: 'a', handle() {}, sinks: 'x' }", /sinks: \['alerts'\]/],
  [
    'a wrong filter',
    "export default { name: 'a', handle() {}, filter: { minAmount: 'x' } }",
    /"x" is not an amount/,
  ],
  [
    'a misspelt filter rule',
    "export default { name: 'a', handle() {}, filter: { minAmout: '1' } }",
    /there is no rule minAmout/,
  ],
]

for (const [what, source, expected] of wrong) {
  test(`${what} is one clear message with the path and the remedy`, async (t) => {
    const path = join(await modules(t, { 'wrong.ts': source }), 'wrong.ts')
    await assert.rejects(load(t, path), (error) => {
      const message = messageOf(error)
      assert.match(message, expected)
      assert.ok(message.startsWith(path), message)
      assert.match(message, /Remedy: /)
      return true
    })
  })
}

test('a missing address list is told with one remedy', async (t) => {
  const config = { sink: 'rows', topics: ['*'], timeout: 1, options: {} }
  const filter = { addressesFile: '/nowhere/list.txt' }
  await assert.rejects(loadAll(t, [{ ...config, each: 'event', filter }]), (error) => {
    const message = messageOf(error)
    assert.match(message, /^The handler of the sink rows has an unusable filter: The address list /)
    assert.match(message, /Mount it there, or correct addressesFile\.$/)
    return true
  })
})

test('a missing file, a folder and another kind of file are reported together', async (t) => {
  const folder = await modules(t, { 'a.txt': '' })
  const configs = ['none.ts', '.', 'a.txt'].map((name) => {
    return { path: join(folder, name), topics: ['*'], timeout: 1, options: {} }
  })
  await assert.rejects(loadAll(t, configs), (error) => {
    const lines = messageOf(error).split('\n')
    assert.deepEqual(
      lines.map((line) => /does not exist|is not a file|does not have the name/.exec(line)?.[0]),
      ['does not exist', 'is not a file', 'does not have the name'],
    )
    return true
  })
})

test('a sink that a handler names but nobody configured is a problem of the load', async (t) => {
  const folder = await modules(t, {
    'good.js': "export default { name: 'a', sinks: ['rows', 'alerts'], handle() {} }",
    'bad.js': "export default { name: 'b', sinks: ['alrts', 'gone'], handle() {} }",
  })
  const common = { topics: ['*'], timeout: 1, options: {} }
  assert.equal((await loadAll(t, [{ ...common, path: join(folder, 'good.js') }])).length, 1)
  await assert.rejects(loadAll(t, [{ ...common, path: join(folder, 'bad.js') }]), (error) => {
    const [first = '', second = ''] = messageOf(error).split('\n')
    assert.match(first, /bad\.js emits to a sink that is not configured: no sink is called "alrts"/)
    assert.match(first, /there are alerts, rows\. Did you mean alerts\? Remedy: add sinks\.alrts/)
    assert.match(second, /"gone"/)
    return true
  })
})

test('two handlers with the same name are refused', async (t) => {
  const path = join(await modules(t, { 'a.ts': GOOD }), 'a.ts')
  const config = { path, topics: ['*'], timeout: 1, options: {} }
  await assert.rejects(loadAll(t, [config, config]), /Two handlers are called good/)
})

test('two keys for one topic are refused', async (t) => {
  const source = (name: string) =>
    `export default { name: '${name}', handle() {}, key: () => null }`
  const folder = await modules(t, { 'a.ts': source('a'), 'b.ts': source('b') })
  const config = { topics: ['*'], timeout: 1, options: {} }
  const loaded = await loadAll(t, [
    { ...config, path: join(folder, 'a.ts') },
    { ...config, path: join(folder, 'b.ts') },
  ])
  assert.throws(() => createHandlerSet(loaded, ['t']), /a and b both define key\(\) for t/)
})

test('open gets the options; its failure names the handler; close runs for opened handlers', async (t) => {
  const trace: unknown[] = []
  Reflect.set(globalThis, 'occTrace', trace)
  t.after(() => Reflect.deleteProperty(globalThis, 'occTrace'))
  const source = (name: string, fails: boolean) => `export default { name: '${name}', handle() {},
    async open({ options }) { ${fails ? "throw new Error('no database')" : `occTrace.push('open ${name}', options)`} },
    close() { occTrace.push('close ${name}') } }`
  const folder = await modules(t, { 'a.js': source('a', false), 'b.js': source('b', true) })
  const options = { table: 'x' }
  const config = { topics: ['*'], timeout: 1, options }
  const loaded = await loadAll(t, [
    { ...config, path: join(folder, 'a.js') },
    { ...config, path: join(folder, 'b.js') },
  ])
  const set = createHandlerSet(loaded, ['t'])
  await assert.rejects(set.open(), /The handler b cannot be opened: no database/)
  await set.close()
  assert.deepEqual(trace, ['open a', options, 'close a'])
})
