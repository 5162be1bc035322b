import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseFlags, usageError } from '../../src/cli/arguments.ts'
import type { Io } from '../../src/cli/terminal/io.ts'
import { formatBytes, table } from '../../src/cli/terminal/terminal.ts'
import { buildArtifacts } from './build.ts'
import { changelogProblems, releaseChangelog } from './changelog.ts'
import { buildFlags, bumpFlags, checkFlags } from './flags.ts'
import { places, readVersion, writeVersion, wrongPlaces } from './places.ts'

/** Runs an action of `npm run release` on the project in `root`. */
export async function release(
  [action, ...args]: readonly string[],
  io: Io,
  root: string,
): Promise<number> {
  switch (action) {
    case 'check':
      return check(args, io, root)
    case 'bump':
      return bump(args, io, root)
    case 'build':
      return build(args, io, root)
    default:
      throw usageError(
        `${action === undefined ? 'no action' : `unknown action "${action}"`}; give check, bump or build`,
      )
  }
}

function check(args: readonly string[], io: Io, root: string): number {
  const flags = parseFlags(args, checkFlags)
  const version = readVersion(root)
  const changelog = readFileSync(join(root, 'CHANGELOG.md'), 'utf8')
  const ofChangelog = flags.released === undefined ? [] : changelogProblems(changelog, version)
  const problems = [...wrongPlaces(root, version), ...ofChangelog]
  for (const problem of problems) io.stderr.write(`${problem}\n`)
  if (problems.length > 0) return 1
  io.stdout.write(`${version} everywhere: ${places.map(({ file }) => file).join(', ')}\n`)
  return 0
}

function bump([version, ...args]: readonly string[], io: Io, root: string): number {
  const flags = parseFlags(args, bumpFlags)
  if (version === undefined || !/^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/.test(version)) {
    throw usageError(`${version ?? 'nothing'} is no version; give one such as 1.2.0: bump 1.2.0`)
  }
  const date = flags.date ?? new Date().toISOString().slice(0, 10)
  if (!/^\d{4}-\d\d-\d\d$/.test(date)) throw usageError(`--date is ${date}; give 2026-01-31`)
  const path = join(root, 'CHANGELOG.md')
  const changelog = readFileSync(path, 'utf8')
  const isReleased = changelogProblems(changelog, version).length === 0
  // Before anything is written: a mistake changes nothing.
  const released = isReleased ? changelog : releaseChangelog(changelog, version, date)
  const files = writeVersion(root, version)
  writeFileSync(path, released)
  io.stdout.write(`${version} in ${[...files, 'CHANGELOG.md'].join(', ')}
Next: npm run docs && npm run k8s && npm run chart:golden && npm run release -- check --released\n`)
  return 0
}

function build(args: readonly string[], io: Io, root: string): number {
  const { out } = parseFlags(args, buildFlags)
  const isDryRun = out === undefined
  const wrong = wrongPlaces(root, readVersion(root))
  for (const problem of wrong) io.stderr.write(`${problem}\n`)
  if (wrong.length > 0) return 1
  const folder = isDryRun ? mkdtempSync(join(tmpdir(), 'onchain-consumer-release-')) : resolve(out)
  try {
    const { packed, artifacts, components } = buildArtifacts({ root, folder, isDryRun })
    const largest = [...packed.files].sort((a, b) => b.size - a.size).slice(0, 5)
    const rows = [
      [
        `npm/${packed.filename}`,
        formatBytes(packed.size),
        `${packed.files.length} files, ${formatBytes(packed.unpackedSize)} unpacked`,
      ],
      ...largest.map(({ path, size }) => [`  ${path}`, formatBytes(size), '']),
      ...artifacts
        .filter(({ name }) => name !== `npm/${packed.filename}`)
        .map(({ name, bytes }) => [
          name,
          formatBytes(bytes),
          name.startsWith('sbom') ? `${components} packages` : '',
        ]),
    ]
    io.stdout.write(`${table(rows.map((row) => row.map((cell) => cell ?? '')))}\n`)
    io.stdout.write(
      isDryRun
        ? 'A dry run: nothing was kept or published.\n'
        : `In ${folder}, with SHA256SUMS. Nothing was published: docs/release.md has the next steps.\n`,
    )
    return 0
  } finally {
    if (isDryRun) rmSync(folder, { recursive: true })
  }
}
