import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { generate } from './generate.ts'
import { stale, target } from './stale.ts'

// Generates k8s/base and k8s/components from the chart, or reports stale files with --check.

const wanted = generate()
const paths = stale(wanted)

if (process.argv.includes('--check')) {
  for (const path of paths) console.error(`k8s/${path} is not what the chart renders: npm run k8s`)
  process.exitCode = paths.length === 0 ? 0 : 1
} else {
  for (const path of paths) {
    const text = wanted.get(path)
    if (text === undefined) rmSync(join(target, path))
    else {
      mkdirSync(dirname(join(target, path)), { recursive: true })
      writeFileSync(join(target, path), text)
    }
  }
  console.log(`k8s/: ${wanted.size} files, ${paths.length} of them written or removed`)
}
