import { readFileSync, realpathSync, statSync } from 'node:fs'
import { type ResolveFnOutput, type ResolveHookContext, registerHooks } from 'node:module'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { codeOf } from '../../kernel/errors.ts'
import { formatOf, type ModuleFormat } from './module-format.ts'

const PACKAGE = 'onchain-consumer'
/** The built form is one flat folder without node_modules. */
const isBuilt = !import.meta.url.endsWith('.ts')
const ENTRY = new URL(isBuilt ? './public.js' : '../api/public.ts', import.meta.url)
/** Packages that the service carries for handlers; dev/build.ts makes `<name>.js` of each. */
const CARRIED: ReadonlySet<string> = new Set(['pg'])

/** User modules and what they import, except from node_modules, by URL. */
const taken = new Map<string, ModuleFormat | null>()
let isRegistered = false

/**
 * Imports a user's module from anywhere on disk. It finds 'onchain-consumer' although a mounted
 * ConfigMap has no node_modules near it, also the packages that the service carries, and its format
 * does not depend on any package.json above it: see formatOf. (Before Node 24, CommonJS in a package of modules is refused.)
 */
export function importAnywhere(url: string): Promise<{ readonly default?: unknown }> {
  register()
  if (!taken.has(url)) taken.set(url, null)
  return import(url)
}

function register(): void {
  if (isRegistered) return
  isRegistered = true
  // The stack of a compiled handler names its source, if the handler brings its source map.
  process.setSourceMapsEnabled(true)
  registerHooks({
    resolve(specifier, context, nextResolve) {
      if (specifier === PACKAGE) return { url: ENTRY.href, shortCircuit: true }
      if (CARRIED.has(specifier)) return carried(specifier, () => nextResolve(specifier, context))
      const isTaken = taken.has(specifier) || taken.has(context.parentURL ?? '')
      const path = isTaken ? pathOf(specifier, context) : null
      if (path === null) return nextResolve(specifier, context)
      const url = pathToFileURL(path).href
      const format = formatOf(path, readFileSync(path, 'utf8'))
      taken.set(url, format)
      // If Node resolved it, it would still treat CommonJS in a package of modules as a module.
      return { url, format, shortCircuit: true }
    },
  })
  // With this hook, imported CommonJS in Node 22 would get a require() that ignores hooks.
  if (Number(process.versions.node.split('.')[0]) < 24) return
  registerHooks({
    load(url, context, nextLoad) {
      const format = taken.get(url)
      // Imported files get their format above; required files get it here.
      if (!format || !context.conditions.includes('require')) return nextLoad(url, context)
      return { format, source: readFileSync(fileURLToPath(url), 'utf8'), shortCircuit: true }
    },
  })
}

/** The package that is installed near the importing file, or else the service's. */
function carried(name: string, near: () => ResolveFnOutput): ResolveFnOutput {
  try {
    return near()
  } catch (error) {
    if (!/^(?:ERR_)?MODULE_NOT_FOUND$/.test(codeOf(error))) throw error
    const own = isBuilt ? new URL(`./${name}.js`, import.meta.url).href : import.meta.resolve(name)
    return { url: own, format: 'module', shortCircuit: true }
  }
}

/** The real path of a `.ts` or `.js` file that is imported or required by path; otherwise null. */
function pathOf(specifier: string, { parentURL, conditions }: ResolveHookContext): string | null {
  if (!/^(?:file:|\.{0,2}\/)/.test(specifier)) return null
  const named = fileURLToPath(new URL(specifier, parentURL))
  const places = conditions.includes('require') ? [named, `${named}.js`] : [named]
  const place = places.find((each) => statSync(each, { throwIfNoEntry: false })?.isFile())
  if (place === undefined) return null // Node reports it.
  const path = realpathSync(place)
  return /\.[jt]s$/.test(path) && !path.includes('/node_modules/') ? path : null
}
