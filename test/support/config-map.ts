import { mkdir, rename, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { temporaryFolder } from './temporary-folder.ts'

/** The files of a ConfigMap as Kubernetes mounts them: by links, with no node_modules near. */
export async function mount(t: TestContext, files: Readonly<Record<string, string>>) {
  const folder = temporaryFolder(t)
  let version = 0
  /** Replaces all files at once, as Kubernetes does. */
  async function write(contents: Readonly<Record<string, string>>): Promise<void> {
    version += 1
    await mkdir(join(folder, `..v${version}`))
    for (const [name, text] of Object.entries(contents)) {
      await writeFile(join(folder, `..v${version}`, name), text)
    }
    await symlink(`..v${version}`, join(folder, '..new'))
    await rename(join(folder, '..new'), join(folder, '..data'))
  }
  await write(files)
  for (const name of Object.keys(files)) await symlink(`..data/${name}`, join(folder, name))
  return { folder, write, at: (name: string) => join(folder, name) }
}
