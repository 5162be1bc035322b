import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import test from 'node:test'
import { output, root, toolFolder } from '../../dev/tools.ts'
import { copyProject } from '../support/project-copy.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

test('a release is the package, the chart and the bill of materials, with checksums', (t) => {
  const folder = temporaryFolder(t)
  const project = join(folder, 'project')
  copyProject(project)
  // Helm may be one that was built here.
  mkdirSync(toolFolder, { recursive: true })
  symlinkSync(dirname(toolFolder), join(project, '.cache'))
  const built = join(folder, 'release')
  const build = [join(project, 'dev/release/main.ts'), 'build', '--out', built]
  const printed = output(process.execPath, build)

  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const names = [
    `chart/onchain-consumer-${version}.tgz`,
    `npm/onchain-consumer-${version}.tgz`,
    'sbom.cdx.json',
  ]
  const sums = readFileSync(join(built, 'SHA256SUMS'), 'utf8').trimEnd().split('\n')
  assert.deepEqual(
    sums,
    names.map((name) => {
      const digest = createHash('sha256')
        .update(readFileSync(join(built, name)))
        .digest('hex')
      return `${digest}  ${name}`
    }),
  )
  for (const name of names)
    assert.match(printed, new RegExp(`${name.replaceAll('.', '\\.')} +[\\d.]+ [kM]B`))
  const { components } = JSON.parse(readFileSync(join(built, 'sbom.cdx.json'), 'utf8'))
  const listed = components.map(({ name }: { name: string }) => name)
  assert.ok(listed.includes('kafkajs') && listed.includes('zod'))
  assert.ok(!listed.includes('typescript') && !listed.includes('esbuild'))
})
