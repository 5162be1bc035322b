import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { CodedError } from '../../src/kernel/errors.ts'
import { helm } from '../k8s/tools.ts'
import { type Sbom, sbomOfBundle } from './sbom.ts'

/** What `npm pack --json` says. */
interface Packed {
  readonly filename: string
  readonly size: number
  readonly unpackedSize: number
  readonly files: ReadonlyArray<{ readonly path: string; readonly size: number }>
}

export interface Artifact {
  readonly name: string
  readonly bytes: number
}

export interface BuildOptions {
  readonly root: string
  /** Folder for what is built; it is made. */
  readonly folder: string
  /** Without the tarball of npm, which is only listed. */
  readonly isDryRun: boolean
}

/** Builds the package, the chart, the bill of materials and their checksums. Publishes nothing. */
export function buildArtifacts({ root, folder, isDryRun }: BuildOptions) {
  // The package and the chart have the same file name.
  const [ofNpm, ofChart] = ['npm', 'chart'].map((name) => join(folder, name)) as [string, string]
  for (const each of [ofNpm, ofChart]) mkdirSync(each, { recursive: true })
  const target = isDryRun ? ['--dry-run'] : ['--pack-destination', ofNpm]
  const packed = packedOf(npm(root, ['pack', '--json', ...target]))
  const wrong = packed.files.filter(({ path }) => !isOfPackage(path)).map(({ path }) => path)
  if (wrong.length > 0)
    throw new RangeError(`files that do not belong into the package: ${wrong.join(', ')}`)
  helm('package', join(root, 'helm/onchain-consumer'), '--destination', ofChart)
  const { name } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const bundled: string[] = JSON.parse(readFileSync(join(root, 'dist/packages.json'), 'utf8'))
  const flags = ['--package-lock-only', '--sbom-format', 'cyclonedx', '--sbom-type', 'application']
  const all: Sbom = JSON.parse(npm(root, ['sbom', ...flags]))
  const sbom = sbomOfBundle(all, name, bundled)
  writeFileSync(join(folder, 'sbom.cdx.json'), `${JSON.stringify(sbom, null, 2)}\n`)
  return { packed, artifacts: withChecksums(folder), components: sbom.components.length }
}

/** The bundle, what browsers load, and its types; no source, no test. npm adds what always belongs to a package. */
function isOfPackage(path: string): boolean {
  const always = ['package.json', 'README.md', 'LICENSE', 'CHANGELOG.md']
  const built =
    /^dist\/(?:[\w.-]+\.js(?:\.map)?|LICENSES\.txt|packages\.json|client\/[\w-]+\.(?:js|css)|sql\/[\w-]+\/[\w-]+\.sql|types\/[\w./-]+\.d\.ts)$/
  return always.includes(path) || built.test(path)
}

function withChecksums(folder: string): readonly Artifact[] {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name !== 'SHA256SUMS' && statSync(join(folder, name)).isFile())
    .sort()
  const lines = names.map((name) => {
    const digest = createHash('sha256')
      .update(readFileSync(join(folder, name)))
      .digest('hex')
    return `${digest}  ${name}\n`
  })
  writeFileSync(join(folder, 'SHA256SUMS'), lines.join(''))
  return names.map((name) => ({ name, bytes: statSync(join(folder, name)).size }))
}

/** Scripts that npm runs write to standard output too, before the JSON. */
function packedOf(output: string): Packed {
  const parsed: unknown = JSON.parse(output.slice(output.search(/^[[{]$/m)))
  const [packed] = Object.values(Object(parsed)) as Packed[]
  if (packed === undefined) throw new RangeError(`npm pack printed no package: ${output}`)
  return packed
}

function npm(root: string, args: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync('npm', args, {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 256 * 1024 * 1024,
  })
  if (status === 0) return stdout
  const reason = error?.message ?? stderr.trim()
  throw new CodedError('OCC_TOOL_FAILED', `npm ${args.join(' ')}: ${reason}`)
}
