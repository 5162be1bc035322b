interface Component {
  readonly 'bom-ref': string
  readonly name: string
  readonly version: string
  readonly scope?: string
  readonly properties?: ReadonlyArray<{ readonly name: string; readonly value: string }>
}

/** As much of CycloneDX as is changed here. */
export interface Sbom {
  readonly bomFormat: string
  readonly metadata: { readonly component: Component; readonly [field: string]: unknown }
  readonly components: readonly Component[]
  readonly dependencies: ReadonlyArray<{
    readonly ref: string
    readonly dependsOn?: readonly string[]
  }>
}

const DEVELOPMENT = 'cdx:npm:package:development'

/**
 * The bill of materials of the bundle: of npm's list of everything that is installed for
 * development, what esbuild has put into dist/.
 * @param bundled `name@version`, as in dist/packages.json
 */
export function sbomOfBundle(all: Sbom, name: string, bundled: readonly string[]): Sbom {
  const wanted = new Set(bundled)
  const inside = all.components.map(underItsName).filter((each) => wanted.has(idOf(each)))
  const found = new Set(inside.map(idOf))
  const missing = bundled.filter((each) => !found.has(each))
  if (missing.length > 0) throw new RangeError(`not in package-lock.json: ${missing.join(', ')}`)
  const root = all.metadata.component
  const references = new Set([root, ...inside].map((each) => each['bom-ref']))
  return {
    ...all,
    metadata: { ...all.metadata, component: { ...root, name } },
    components: inside.map((each) => ({
      ...each,
      scope: 'required',
      properties: (each.properties ?? []).filter((property) => property.name !== DEVELOPMENT),
    })),
    dependencies: all.dependencies
      .filter(({ ref }) => references.has(ref))
      .map(({ ref, dependsOn = [] }) => ({
        ref,
        dependsOn: dependsOn.filter((other) => references.has(other)),
      })),
  }
}

/** npm calls a package by its alias, except in its reference. */
function underItsName(component: Component): Component {
  const { 'bom-ref': reference, version } = component
  const end = reference.lastIndexOf(`@${version}`)
  return end > 0 ? { ...component, name: reference.slice(0, end) } : component
}

function idOf({ name, version }: Component): string {
  return `${name}@${version}`
}
