import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import test from 'node:test'
import { NODE_FLAGS } from '../../dev/node-flags.ts'
import { commands } from '../../src/cli/commands.ts'
import { loadConfig } from '../../src/config/load/load.ts'
import { copiesOf, pairs, readDockerfile, valuesOf } from './tools/image-dockerfile.ts'

const root = join(import.meta.dirname, '../..')
const read = (path: string) => readFileSync(join(root, path), 'utf8')
const dockerfile = read('Dockerfile')
const packageJson = JSON.parse(read('package.json'))
const { globals, stages } = readDockerfile(dockerfile)
const last = stages.at(-1) ?? assert.fail('the Dockerfile has no stage')
const stage = (name: string) =>
  stages.find((one) => one.name === name) ?? assert.fail(`no stage is named ${name}`)
const words = (name: string): string[] =>
  JSON.parse(valuesOf(last.instructions, name).at(-1) ?? assert.fail(`no ${name}`))

test('it runs as a numeric user who is not root', () => {
  const user = valuesOf(last.instructions, 'USER').at(-1) ?? 'root'
  assert.match(user, /^[1-9]\d*:[1-9]\d*$/)
})

test('the last stage has what the build made, with all packages in it, and no packages folder', () => {
  const copies = copiesOf(last)
  assert.deepEqual(
    copies.flatMap(({ sources }) => sources).filter((path) => /node_modules/.test(path)),
    [],
  )
  const built = copies.find(({ sources }) => sources.some((path) => path.endsWith('/dist')))
  const { instructions } = stage(built?.stage ?? '')
  const runs = valuesOf(instructions, 'RUN')
  assert.ok(runs.includes('npm run build'), runs.join('\n'))
  const copied = copiesOf(stage(built?.stage ?? '')).flatMap(({ sources }) => sources)
  const scripts = packageJson.scripts.build.match(/dev\/\S+\.ts/g)
  for (const script of scripts) assert.ok(copied.includes(script), `${script} is not copied`)
})

test('packages come from the lock file, by whichever registry npm is set to', () => {
  for (const one of stages) {
    for (const run of valuesOf(one.instructions, 'RUN'))
      assert.doesNotMatch(run, /npm (install|i)\b/)
  }
  assert.doesNotMatch(dockerfile, /https?:\/\//)
})

test('each stage that runs Node begins with the same image, of the Node this is tested with', () => {
  const image = pairs(valuesOf(globals, 'ARG'))['NODE_IMAGE'] ?? ''
  const major = /\d+/.exec(packageJson.devDependencies.node)?.[0]
  assert.match(image, new RegExp(`^docker\\.io/library/node:${major}-`))
  for (const { from } of stages.slice(0, -1)) assert.match(from, /^\$\{NODE_IMAGE\}$/)
})

test('process 1 is node, with the flags of npm start, on a file that the build writes', () => {
  const [program, ...rest] = words('ENTRYPOINT')
  const script = rest.at(-1) ?? ''
  assert.equal(program, 'node')
  assert.ok(NODE_FLAGS.length > 0)
  assert.deepEqual(rest.slice(0, -1), [...NODE_FLAGS, '--enable-source-maps'])
  const workFolder = valuesOf(last.instructions, 'WORKDIR').at(-1)
  assert.equal(script, `${workFolder}/${packageJson.bin['onchain-consumer']}`)
})

test('without arguments it runs the service with the configuration file of the chart', () => {
  const [command, flag, file] = words('CMD')
  assert.ok(commands.some(({ name }) => name === command))
  assert.deepEqual([flag, file], ['--config', '/etc/onchain-consumer/config/config.yaml'])
})

test('package.json is there, which says that dist/ is modules', () => {
  const own = copiesOf(last).find(({ sources }) => sources.includes('package.json'))
  assert.deepEqual([own?.stage, own?.target], [null, './'])
})

test('dead letters have a folder that the user may write, where the configuration wants them', () => {
  const config = configWithDefaults()
  const folder = join('/image/app', relative(process.cwd(), config.deadLetters.file.folder))
  const user = valuesOf(last.instructions, 'USER').at(-1)
  const runs = valuesOf(stage('node').instructions, 'RUN').join('\n')
  assert.ok(runs.includes(`chown ${user} ${folder}`), runs)
})

test('the port of the configuration is exposed', () => {
  assert.deepEqual(valuesOf(last.instructions, 'EXPOSE'), [String(configWithDefaults().http.port)])
})

test('the labels say what package.json says', () => {
  const labels = pairs(valuesOf(last.instructions, 'LABEL'))
  const prefix = 'org.opencontainers.image.'
  assert.equal(labels[`${prefix}title`], packageJson.name)
  assert.equal(labels[`${prefix}description`], packageJson.description)
  assert.equal(labels[`${prefix}licenses`], packageJson.license)
  assert.match(labels[`${prefix}version`] ?? '', /^\$\{VERSION\}$/)
  assert.equal(pairs(valuesOf(last.instructions, 'ARG'))['VERSION'], packageJson.version)
})

test('the build context is exactly what is copied: no secret, no local build', () => {
  const copied = stages.flatMap(copiesOf).filter(({ stage }) => stage === null)
  const sources = new Set(copied.flatMap(({ sources }) => sources))
  for (const path of sources) assert.ok(existsSync(join(root, path)), `${path} is not there`)

  const lines = read('.dockerignore').split('\n')
  const rules = lines.filter((line) => line !== '' && !line.startsWith('#'))
  assert.equal(rules[0], '*')
  assert.deepEqual(
    rules.slice(1).toSorted(),
    [...sources].map((path) => `!${path.replace(/^\.\//, '')}`).toSorted(),
  )
  const allowed = readdirSync(root).filter((name) => rules.includes(`!${name}`))
  assert.deepEqual(
    allowed.filter((name) => /node_modules|dist|\.git$|\.key$|\.pem$|\.env/.test(name)),
    [],
  )
})

function configWithDefaults() {
  const loaded = loadConfig({ env: { KAFKA_TOPICS: 'any', KAFKA_GROUP_ID: 'any' } })
  return loaded.ok ? loaded.config : assert.fail('the defaults are not valid')
}
