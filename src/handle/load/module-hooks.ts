import { readFileSync, realpathSync, statSync } from 'node:fs'
import { type ResolveHookContext, registerHooks } from 'node:module'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { formatOf, type ModuleFormat } from './module-format.ts'

const PACKAGE = 'onchain-consumer'
const ENTRY = new URL(
  import.meta.url.endsWith('.ts') ? '../api/public.ts' : './public.js',
  import.meta.url,
)

/** Modules of users, and what these import, but for that in node_modules; by their URL. */
const taken = new Map<string, ModuleFormat | null>()
let isRegistered = false

/**
 * Imports a module of a user's from anywhere on the disk. It finds 'onchain-consumer', although the
 * folder that a ConfigMap is mounted as has no node_modules near it, and it means the same whatever
 * package.json is above it, or none: see formatOf. (Before Node 24, CommonJS in a package of modules
 * is refused.)
 */
export function importAnywhere(url: string): Promise<{ readonly default?: unknown }> {
  register()
  if (!taken.has(url)) taken.set(url, null)
  return import(url)
}

function register(): void {
  if (isRegistered) return
  isRegistered = true
  registerHooks({
    resolve(specifier, context, nextResolve) {
      if (specifier === PACKAGE) return { url: ENTRY.href, shortCircuit: true }
      const isTaken = taken.has(specifier) || taken.has(context.parentURL ?? '')
      const path = isTaken ? pathOf(specifier, context) : null
      if (path === null) return nextResolve(specifier, context)
      const url = pathToFileURL(path).href
      const format = formatOf(path, readFileSync(path, 'utf8'))
      taken.set(url, format)
      // If Node resolved it, it would take CommonJS in a package of modules for a module all the same.
      return { url, format, shortCircuit: true }
    },
  })
  // In Node 22 what is imported would get a require() that knows no hooks, were there one of these.
  if (Number(process.versions.node.split('.')[0]) < 24) return
  registerHooks({
    load(url, context, nextLoad) {
      const format = taken.get(url)
      // What is imported has its format from above; what is required has it from here.
      if (!format || !context.conditions.includes('require')) return nextLoad(url, context)
      return { format, source: readFileSync(fileURLToPath(url), 'utf8'), shortCircuit: true }
    },
  })
}

/** The real place of a `.ts` or `.js` file that is imported or required by its path; else null. */
function pathOf(specifier: string, { parentURL, conditions }: ResolveHookContext): string | null {
  if (!/^(?:file:|\.{0,2}\/)/.test(specifier)) return null
  const named = fileURLToPath(new URL(specifier, parentURL))
  const places = conditions.includes('require') ? [named, `${named}.js`] : [named]
  const place = places.find((each) => statSync(each, { throwIfNoEntry: false })?.isFile())
  if (place === undefined) return null // Node says so.
  const path = realpathSync(place)
  return /\.[jt]s$/.test(path) && !path.includes('/node_modules/') ? path : null
}
