import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

interface Place {
  /** Relative to the project's root. */
  readonly file: string
  /** Each match names the version between its two groups. */
  readonly pattern: RegExp
  /** Written by a command, not by `bump`. */
  readonly writtenBy?: string
}

const VERSION = String.raw`\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?`
const between = (before: string, after: string) =>
  new RegExp(`(${before})${VERSION}(${after})`, 'gm')

/** Where the version is written. One number for the package, the image and the chart. */
export const places: readonly Place[] = [
  { file: 'package.json', pattern: between('^  "version": "', '",$') },
  {
    file: 'package-lock.json',
    // Its own, at the top; those of packages are deeper or have another name before them.
    pattern: between(
      String.raw`^(?:\{\n)?  (?:    )?"name": "onchain-consumer",\n  (?:    )?"version": "`,
      '",$',
    ),
  },
  {
    file: 'helm/onchain-consumer/Chart.yaml',
    pattern: between('^(?:version: |appVersion: ")', '"?$'),
  },
  { file: 'Dockerfile', pattern: between('^ARG VERSION=', '$') },
  {
    file: 'README.md',
    pattern: between('(?:onchain-consumer:|onchain-consumer, tag: )', ''),
  },
  { file: 'docs/handlers.md', pattern: between('^FROM localhost/onchain-consumer:', '$') },
  {
    file: 'examples/wallets-to-postgres/values.yaml',
    pattern: between('onchain-consumer, tag: ', ' '),
  },
  {
    file: 'examples/wallets-to-postgres/README.md',
    pattern: between('localhost/onchain-consumer:', ''),
  },
  {
    file: 'k8s/base/deployment.yaml',
    pattern: between('image: onchain-consumer:', '$'),
    writtenBy: 'npm run k8s',
  },
]

export function readVersion(root: string): string {
  return JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version
}

/** Where another version than this one is written, or none where one is expected. */
export function wrongPlaces(root: string, version: string): readonly string[] {
  return places.flatMap(({ file, pattern, writtenBy }) => {
    const found = readFileSync(join(root, file), 'utf8').match(pattern) ?? []
    const remedy = writtenBy === undefined ? `npm run release -- bump ${version}` : writtenBy
    if (found.length === 0) return [`${file} names no version: correct dev/release/places.ts`]
    return found
      .map((text) => new RegExp(VERSION).exec(text)?.[0])
      .filter((other) => other !== version)
      .map((other) => `${file} says ${other}, package.json ${version}: ${remedy}`)
  })
}

/** Writes the version to all places that are not generated; returns their files. */
export function writeVersion(root: string, version: string): readonly string[] {
  const own = places.filter(({ writtenBy }) => writtenBy === undefined)
  for (const { file, pattern } of own) {
    const path = join(root, file)
    const text = readFileSync(path, 'utf8')
    writeFileSync(path, text.replaceAll(pattern, `$1${version}$2`))
  }
  return own.map(({ file }) => file)
}
