/**
 * ES module syntax. `import type` and exported types do not count, because nothing is left of them
 * once the types are stripped.
 */
const MODULE =
  /(?:^|[;}])\s*(?:import\s*(?:["'{*]|(?!type\s+[\w$*{])[\w$]+\s*(?:,|\s+from\b))|export\s*(?:[{*]|(?:default|const|let|var|function|class|async|abstract)\b))|\bimport\.meta\b/m
const COMMON_JS = /\bmodule\.exports\b|\bexports\s*[.[,)]|\brequire\s*\(/

export type ModuleFormat = 'module' | 'commonjs' | 'module-typescript' | 'commonjs-typescript'

/**
 * The format of a `.js` or `.ts` file by its text alone. Node would read the package.json above it
 * first. A file mounted into a pod has none, or an unrelated one, so the same file could mean
 * something else. A file with neither syntax is an ES module, as in any new project.
 */
export function formatOf(path: string, source: string): ModuleFormat {
  const format = !MODULE.test(source) && COMMON_JS.test(source) ? 'commonjs' : 'module'
  return path.endsWith('.ts') ? `${format}-typescript` : format
}
