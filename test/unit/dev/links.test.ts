import assert from 'node:assert/strict'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import test from 'node:test'

const root = join(import.meta.dirname, '../../..')
const FOLDERS = ['docs', 'examples', 'helm', 'k8s', 'test', 'bench', 'dev']
const pages = new Map(
  globSync(['*.md', ...FOLDERS.map((folder) => `${folder}/**/*.md`)], { cwd: root }).map((page) => [
    page,
    withoutBlocks(readFileSync(join(root, page), 'utf8')),
  ]),
)

function withoutBlocks(text: string): string {
  return text.replace(/^( *)```.*?^\1```$/gms, '')
}

/** As GitHub makes them of headings; a heading that is there twice gets a number. */
function anchorsOf(text: string): readonly string[] {
  const seen = new Map<string, number>()
  return Array.from(text.matchAll(/^#{1,6} (.+)$/gm), ([, heading = '']) => {
    const words = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase()
    const anchor = words.replace(/[^\p{L}\p{N}_ -]/gu, '').replaceAll(' ', '-')
    const before = seen.get(anchor) ?? 0
    seen.set(anchor, before + 1)
    return before === 0 ? anchor : `${anchor}-${before}`
  })
}

/** Those to files and headings here; not those in `code`. */
function linksIn(text: string): readonly string[] {
  const prose = text.replace(/`[^`\n]*`/g, '')
  const all = Array.from(prose.matchAll(/\]\(([^)\s]+)\)/g), ([, link = '']) => link)
  return all.filter((link) => !/^[a-z]+:/.test(link))
}

test('links of README and documentation lead to files and headings that exist', () => {
  assert.ok(pages.size > 30, `${pages.size} pages`)
  const broken = [...pages].flatMap(([page, text]) =>
    linksIn(text)
      .filter((link) => {
        const [path = '', anchor] = link.split('#')
        const target = path === '' ? page : normalize(join(dirname(page), path))
        if (!existsSync(join(root, target))) return true
        const found = pages.get(target)
        return anchor !== undefined && found !== undefined && !anchorsOf(found).includes(anchor)
      })
      .map((link) => `${page}: ${link}`),
  )
  assert.deepEqual(broken, [])
})

test('no page has a heading or a long line twice, as a bad merge leaves them, nor its marks', () => {
  const merged = [...pages].flatMap(([page, text]) => {
    const lines = text.split('\n')
    const once = lines.filter((line) => /^#{1,2} /.test(line) || /^[^|\s].{60}/.test(line))
    const twice = once.filter((line, index) => once.indexOf(line) !== index)
    const marks = lines.filter((line) => /^(<{7}|>{7}|={7}$)/.test(line))
    return [...twice, ...marks].map((line) => `${page}: ${line}`)
  })
  assert.deepEqual(merged, [])
})
