import { registerHooks } from 'node:module'

const PACKAGE = 'onchain-consumer'
const ENTRY = new URL(
  import.meta.url.endsWith('.ts') ? './public.ts' : './public.js',
  import.meta.url,
)

let isRegistered = false

/**
 * Lets modules anywhere on the disk import from 'onchain-consumer': the folder that a ConfigMap is
 * mounted as has no node_modules near it.
 */
export function registerPackage(): void {
  if (isRegistered) return
  isRegistered = true
  registerHooks({
    resolve(specifier, context, nextResolve) {
      if (specifier !== PACKAGE) return nextResolve(specifier, context)
      return { url: ENTRY.href, shortCircuit: true }
    },
  })
}
