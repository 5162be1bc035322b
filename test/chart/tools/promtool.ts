import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { prometheusProgram } from '../../../dev/prometheus.ts'
import { type Output, run } from '../../../dev/tools.ts'

let path: string | undefined

/** Runs promtool over files of these contents, by name, in a folder of their own. */
export function runPromtool(args: readonly string[], files: Record<string, unknown>): Output {
  path ??= prometheusProgram('promtool')
  const folder = mkdtempSync(join(tmpdir(), 'occ-promtool-'))
  try {
    for (const [name, content] of Object.entries(files))
      writeFileSync(join(folder, name), stringify(content, { lineWidth: 0 }))
    return run(
      path,
      args.map((arg) => (arg in files ? join(folder, arg) : arg)),
    )
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Series in the notation of promtool: `0+10x5` begins at 0 and grows by 10, five times. */
export type Series = Readonly<Record<string, string>>

export interface Sample {
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

/**
 * What queries give at some time after the series began; a sample a minute. promtool only compares, so
 * it is asked to find nothing, and what it found instead is read from its answer.
 *
 * @param rules groups of rules that are evaluated meanwhile
 * @param at such as `20m`
 */
export function evaluate(
  rules: readonly unknown[],
  series: Series,
  at: string,
  queries: readonly string[],
): Sample[][] {
  const test = {
    interval: '1m',
    input_series: Object.entries(series).map(([name, values]) => ({ series: name, values })),
    promql_expr_test: queries.map((expr) => ({
      expr,
      eval_time: at,
      exp_samples: [{ labels: '{never="seen"}', value: 0 }],
    })),
  }
  const files = {
    'rules.yaml': { groups: rules },
    'tests.yaml': { rule_files: ['rules.yaml'], evaluation_interval: '1m', tests: [test] },
  }
  const { stdout, stderr } = runPromtool(['test', 'rules', 'tests.yaml'], files)
  const answers = [...(stdout + stderr).matchAll(/^\s*got:(.*)$/gm)].map(([, got]) => got ?? '')
  if (answers.length !== queries.length) throw new Error(`promtool says:\n${stdout}${stderr}`)
  return answers.map(readSamples)
}

/** As promtool prints them: `{topic="a"} 1E+00, {topic="b"} 2E+00`, or `nil`. */
function readSamples(text: string): Sample[] {
  return [...text.matchAll(/\{([^}]*)\} (\S+?)(?=,|\s|$)/g)].map(([, inner = '', value]) => {
    const pairs = inner.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)
    const labels = Object.fromEntries(Array.from(pairs, ([, key = '', text = '']) => [key, text]))
    return { labels, value: Number(value) }
  })
}
