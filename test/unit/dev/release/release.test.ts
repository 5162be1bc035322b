import assert from 'node:assert/strict'
import { cpSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import test, { type TestContext } from 'node:test'
import { changelogProblems, releaseChangelog } from '../../../../dev/release/changelog.ts'
import { places, readVersion } from '../../../../dev/release/places.ts'
import { release } from '../../../../dev/release/release.ts'
import { type Sbom, sbomOfBundle } from '../../../../dev/release/sbom.ts'
import { fakeIo } from '../../../support/fake-io.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'

const ROOT = join(import.meta.dirname, '../../../..')

/** The files of the project that name its version. */
function copyOfProject(t: TestContext): string {
  const root = temporaryFolder(t)
  for (const file of ['CHANGELOG.md', ...places.map((place) => place.file)]) {
    mkdirSync(dirname(join(root, file)), { recursive: true })
    cpSync(join(ROOT, file), join(root, file))
  }
  return root
}

async function run(root: string, ...args: string[]) {
  const io = fakeIo()
  const code = await release(args, io, root)
  return { code, stdout: io.stdout.written(), stderr: io.stderr.written() }
}

test('the version is the same in every file that names it', async () => {
  const { code, stderr } = await run(ROOT, 'check')
  assert.deepEqual([code, stderr], [0, ''])
})

test('a file that users read and that names an image of a version is one of them', () => {
  const files = ['README.md', ...globSync('{docs,examples}/**/*.*', { cwd: ROOT })]
  const named = files.filter((file) =>
    /onchain-consumer(?::|, tag: )\d+\.\d+\.\d+/.test(readFileSync(join(ROOT, file), 'utf8')),
  )
  assert.ok(named.length >= 2)
  const known = places.map(({ file }) => file)
  assert.deepEqual(
    named.filter((file) => !known.includes(file)),
    [],
  )
})

test('bump writes the version everywhere but where a command does, and dates the changelog', async (t) => {
  const root = copyOfProject(t)
  const old = readVersion(root)
  const { code } = await run(root, 'bump', '9.8.7-rc.1', '--date', '2026-01-31')
  assert.equal(code, 0)
  assert.equal(readVersion(root), '9.8.7-rc.1')
  const { stderr } = await run(root, 'check', '--released')
  assert.equal(
    stderr,
    `k8s/base/deployment.yaml says ${old}, package.json 9.8.7-rc.1: npm run k8s\n`,
  )
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'))
  const before = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8'))
  before.version = before.packages[''].version = '9.8.7-rc.1'
  assert.deepEqual(lock, before)
  const chart = readFileSync(join(root, 'helm/onchain-consumer/Chart.yaml'), 'utf8')
  assert.match(chart, /^version: 9\.8\.7-rc\.1\nappVersion: "9\.8\.7-rc\.1"$/m)
  assert.match(
    readFileSync(join(root, 'CHANGELOG.md'), 'utf8'),
    /^## Unreleased\n\n## 9\.8\.7-rc\.1 \(2026-01-31\)\n/m,
  )
})

test('check names each file with another version', async (t) => {
  const root = copyOfProject(t)
  const chart = join(root, 'helm/onchain-consumer/Chart.yaml')
  writeFileSync(chart, readFileSync(chart, 'utf8').replace(/^version: .*$/m, 'version: 7.7.7'))
  const { code, stderr } = await run(root, 'check')
  assert.equal(code, 1)
  const version = readVersion(root)
  assert.equal(
    stderr,
    `helm/onchain-consumer/Chart.yaml says 7.7.7, package.json ${version}: npm run release -- bump ${version}\n`,
  )
})

test('what was not released is not published', async (t) => {
  const root = copyOfProject(t)
  const { code, stderr } = await run(root, 'check', '--released')
  assert.equal(code, 1)
  assert.match(stderr, /CHANGELOG\.md has no heading "## \S+ \(date\)": npm run release -- bump/)
})

test('a mistake of bump changes nothing', async (t) => {
  const root = copyOfProject(t)
  const path = join(root, 'CHANGELOG.md')
  writeFileSync(path, '# Changelog\n\n## Unreleased\n\n## 0.0.1 (2025-01-01)\n\n- All.\n')
  const version = readVersion(root)
  await assert.rejects(run(root, 'bump', '1.0.0'), /nothing under "## Unreleased"/)
  await assert.rejects(run(root, 'bump', '1.0'), { code: 'OCC_USAGE' })
  assert.equal(readVersion(root), version)
})

test('the changelog of a release has a date and says something', () => {
  const text = '## Unreleased\n\n- New.\n\n## 0.9.0 (2025-01-01)\n\n- Old.\n'
  assert.deepEqual(changelogProblems(releaseChangelog(text, '1.0.0', '2026-01-31'), '1.0.0'), [])
  assert.match(changelogProblems('## 1.0.0 (soon)\n\n- New.\n', '1.0.0').join(), /has no date/)
  assert.match(
    changelogProblems('## 1.0.0 (2026-01-31)\n\n## 0.9.0 (x)\n', '1.0.0').join(),
    /says nothing/,
  )
})

test('the bill of materials has what is in the bundle, and nothing else', () => {
  const component = (name: string) => ({
    ...{ 'bom-ref': `${name}@1.0.0`, name, version: '1.0.0', scope: 'optional' },
    properties: [{ name: 'cdx:npm:package:development', value: 'true' }],
  })
  const all: Sbom = {
    bomFormat: 'CycloneDX',
    metadata: { component: { ...component('folder'), 'bom-ref': 'own@1.0.0' } },
    components: [component('zod'), component('typescript')],
    dependencies: [
      { ref: 'own@1.0.0', dependsOn: ['zod@1.0.0', 'typescript@1.0.0'] },
      { ref: 'typescript@1.0.0' },
    ],
  }
  const { metadata, components, dependencies } = sbomOfBundle(all, 'own', ['zod@1.0.0'])
  assert.equal(metadata.component.name, 'own')
  assert.deepEqual(components, [{ ...component('zod'), scope: 'required', properties: [] }])
  assert.deepEqual(dependencies, [{ ref: 'own@1.0.0', dependsOn: ['zod@1.0.0'] }])
  assert.throws(
    () => sbomOfBundle(all, 'own', ['ghost@1.0.0']),
    /not in package-lock\.json: ghost@1\.0\.0/,
  )
})

test('the bill of materials calls a package that is installed under an alias by its own name', () => {
  const version = '1.0.0'
  const aliased = { 'bom-ref': '@scope/old@1.0.0', name: 'alias', version }
  const root = { 'bom-ref': 'own@1.0.0', name: 'own', version }
  const all: Sbom = {
    bomFormat: 'CycloneDX',
    metadata: { component: root },
    components: [aliased],
    dependencies: [],
  }
  const { components } = sbomOfBundle(all, 'own', ['@scope/old@1.0.0'])
  assert.deepEqual(
    components.map(({ name }) => name),
    ['@scope/old'],
  )
})
