import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import test, { type TestContext } from 'node:test'
import { loadModule } from '../../../../src/handle/load/load-module.ts'
import { formatOf } from '../../../../src/handle/load/module-format.ts'
import { messageOf } from '../../../../src/kernel/errors.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'
import { kinds, recordsOf, startWorkers } from '../../workers/processing.ts'

/**
 * What may be above a handler. `{}` ends the search for a type, as if there were no package.json.
 */
const PACKAGES = {
  'without a package.json': null,
  'in a package without a type': '{}',
  'in a package of modules': '{ "type": "module" }',
  'in a package of CommonJS': '{ "type": "commonjs" }',
}

const FILES: Readonly<Record<string, string>> = {
  'module.ts': `import { defineHandler, type Message } from 'onchain-consumer'
import { suffix } from './shared/suffix.js'
import number from './shared/number.cjs'
export default defineHandler({ name: 'module-' + suffix + number, handle(m: Message) { void m } })`,
  'module.js': `import { suffix } from './shared/suffix.js'
import { suffix as number } from './shared/common.js'
export default { name: 'module-' + suffix + number, handle() {} }`,
  'common.ts': `import type { Message } from 'onchain-consumer'
const { suffix } = require('./shared/alone')
module.exports = { name: 'common-' + suffix, handle(message: Message) { void message } }`,
  'common.js': `const { suffix } = require('./shared/common.js')
const { defineHandler } = require('onchain-consumer')
module.exports = defineHandler({ name: 'common-' + suffix, handle() {} })`,
  'shared/suffix.js': "export const suffix = 'x'",
  'shared/number.cjs': 'module.exports = 1',
  'shared/common.js': "exports.suffix = require('./number.cjs')",
  'shared/alone.js': 'exports.suffix = 1',
  'void.ts': 'void 0',
  'void.js': 'void 0',
}

async function folderOf(t: TestContext, packageJson: string | null): Promise<string> {
  const folder = temporaryFolder(t)
  if (packageJson !== null) await writeFile(join(folder, 'package.json'), packageJson)
  for (const [name, text] of Object.entries(FILES)) {
    await mkdir(dirname(join(folder, name)), { recursive: true })
    await writeFile(join(folder, name), text)
  }
  return folder
}

for (const [where, packageJson] of Object.entries(PACKAGES)) {
  test(`a handler means the same ${where}`, async (t) => {
    const folder = await folderOf(t, packageJson)
    const names: unknown[] = []
    for (const file of ['module.ts', 'module.js', 'common.ts', 'common.js']) {
      names.push(((await loadModule(join(folder, file))) as { name: string }).name)
    }
    assert.deepEqual(names, ['module-x1', 'module-x1', 'common-1', 'common-1'])
    for (const file of ['void.ts', 'void.js']) {
      await assert.rejects(loadModule(join(folder, file)), (error) =>
        /exports nothing/.test(messageOf(error)),
      )
    }
  })

  test(`a handler means the same ${where}, in a worker thread`, async (t) => {
    const beside = packageJson === null ? {} : { 'package.json': packageJson }
    for (const [name, source] of [
      ['handler.ts', 'export default { name: `a`, handle(message: object) { void message } }'],
      ['handler.js', "module.exports = { name: 'a', handle() {} }"],
    ] as const) {
      const { slice } = await startWorkers(t, source, {}, { name, beside })
      assert.deepEqual(kinds(await slice(recordsOf([1, 2]))), ['ok', 'ok'])
    }
  })
}

const texts: ReadonlyArray<readonly [string, 'module' | 'commonjs']> = [
  ['export default {}', 'module'],
  ['const a = 1;export{a as default}', 'module'],
  ["import'./a.js'", 'module'],
  ["import a, { b } from './a.js'", 'module'],
  ["import * as a from 'a'\nconst b = require(1)", 'module'],
  [
    "import { createRequire } from 'node:module'\nconst require = createRequire(import.meta.url)\nrequire('a')",
    'module',
  ],
  ["const a = await import('./a.js')", 'module'],
  ["const a = import('./a.js')\nmodule.exports = a", 'commonjs'],
  [
    "'use strict';Object.defineProperty(exports,'__esModule',{value:true});exports.default={}",
    'commonjs',
  ],
  [
    "import type { A } from 'a'\nimport type A2 from 'a'\nimport type * as B from 'b'\nexports.a = 1",
    'commonjs',
  ],
  ['export type A = 1\nexport interface B {}\nmodule.exports = {}', 'commonjs'],
  ["import type, { a } from 'a'\nexports.a", 'module'],
  [
    '/**\n * export default as in a module\n */\n// import a from "a"\nmodule.exports = {}',
    'commonjs',
  ],
  ["const { important, exported } = require('x')", 'commonjs'],
  ['', 'module'],
]

test('the syntax decides; types leave no syntax behind', () => {
  for (const [text, expected] of texts) {
    assert.equal(formatOf('/a.js', text), expected, text)
    assert.equal(formatOf('/a.ts', text), `${expected}-typescript`, text)
  }
})
