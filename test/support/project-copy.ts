import { cpSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '../..')
/** What a release is built from. */
const PARTS = [
  ...['src', 'dev', 'helm', 'docs', 'k8s', 'examples'],
  ...['Dockerfile', 'README.md', 'LICENSE', 'CHANGELOG.md'],
  ...['package.json', 'package-lock.json', 'tsconfig.json', 'tsconfig.build.json'],
]

/** Makes the folder a copy to build in: a build writes dist/, and other tests run at the same time. */
export function copyProject(folder: string): void {
  for (const part of PARTS) cpSync(join(ROOT, part), join(folder, part), { recursive: true })
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
}
