/** `import type` and exported types are none: nothing is left of them when Node has stripped the types. */
const MODULE =
  /(?:^|[;}])\s*(?:import\s*(?:["'{*]|(?!type\s+[\w$*{])[\w$]+\s*(?:,|\s+from\b))|export\s*(?:[{*]|(?:default|const|let|var|function|class|async|abstract)\b))|\bimport\.meta\b/m
const COMMON_JS = /\bmodule\.exports\b|\bexports\s*[.[,)]|\brequire\s*\(/

export type ModuleFormat = 'module' | 'commonjs' | 'module-typescript' | 'commonjs-typescript'

/**
 * What a `.js` or `.ts` file is, by its text alone. Node asks the package.json above it first, and one
 * mounted into a pod has none, or a stranger's: the same file would then mean something else. What
 * has the syntax of neither is a module, as in any new project.
 */
export function formatOf(path: string, source: string): ModuleFormat {
  const format = !MODULE.test(source) && COMMON_JS.test(source) ? 'commonjs' : 'module'
  return path.endsWith('.ts') ? `${format}-typescript` : format
}
