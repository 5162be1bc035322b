import { tmpdir } from 'node:os'
import { go } from './tools.ts'

/** Folder of a Go module's sources, downloaded where they are missing. @param problem as of `go` */
export function moduleFolder(
  module: string,
  problem = `The sources of ${module} are missing, and could not be downloaded: install Go to download them`,
): string {
  const answer = go(['mod', 'download', '-json', module], { cwd: tmpdir(), problem })
  return String((JSON.parse(answer) as { Dir: unknown }).Dir)
}
