import { spawnSync } from 'node:child_process'
import { tmpdir } from 'node:os'

/** Folder of a Go module's sources, downloaded where they are missing. */
export function moduleFolder(module: string): string {
  const { status, stdout, stderr } = spawnSync('go', ['mod', 'download', '-json', module], {
    encoding: 'utf8',
    cwd: tmpdir(),
  })
  if (status !== 0) throw new Error(`go mod download ${module}: ${stderr}${stdout}`)
  return String((JSON.parse(stdout) as { Dir: unknown }).Dir)
}
