import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import type { TestContext } from 'node:test'
import { stringify } from 'yaml'
import { root } from '../../../dev/k8s/chart.ts'

/** A kustomization besides its resources and components. */
export interface Overlay {
  /** Paths from k8s/: `base`, `overlays/production`. */
  readonly resources: readonly string[]
  /** Names of components. */
  readonly components?: readonly string[]
  /** Takes the place of the configuration; none: that of the resources stays. */
  readonly config?: string
  /** Further keys of the kustomization, such as namespace, images and patches. */
  readonly further?: Readonly<Record<string, unknown>>
}

/** A folder, gone after the test, that kubectl and kustomize take. */
export function writeOverlay(
  t: TestContext,
  { resources, components = [], config, further = {} }: Overlay,
): string {
  mkdirSync(join(root, '.cache'), { recursive: true })
  // Inside the project: kustomize takes relative paths only.
  const folder = mkdtempSync(join(root, '.cache/overlay-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const path = (name: string) => relative(folder, join(root, 'k8s', name))
  const generator = {
    name: 'onchain-consumer-config',
    behavior: 'replace',
    files: ['config.yaml'],
  }
  const kustomization = {
    resources: resources.map(path),
    components: components.map((name) => path(`components/${name}`)),
    ...(config !== undefined && { configMapGenerator: [generator] }),
    ...further,
  }
  writeFileSync(join(folder, 'kustomization.yaml'), stringify(kustomization))
  if (config !== undefined) writeFileSync(join(folder, 'config.yaml'), config)
  return folder
}
