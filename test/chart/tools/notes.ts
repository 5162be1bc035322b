import { cpSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'yaml'
import { chart, helm, KUBERNETES, NAMESPACE, RELEASE, rendered, scenarioFile } from './helm.ts'

const TEMPLATE = `notes: {{ tpl (.Files.Get "NOTES.txt") . | toJson }}\n`

/**
 * What `helm install` says in the end, for a scenario with values over it. `helm template` leaves the
 * notes out and `helm install` wants a cluster, so a copy of the chart renders them as an object.
 */
export function notesOf(scenario: string, values = ''): string {
  const copy = mkdtempSync(join(tmpdir(), 'occ-chart-'))
  try {
    cpSync(chart, copy, { recursive: true })
    renameSync(join(copy, 'templates/NOTES.txt'), join(copy, 'NOTES.txt'))
    writeFileSync(join(copy, 'templates/notes.yaml'), TEMPLATE)
    const yaml = rendered(
      helm(
        [
          ...['template', RELEASE, copy, '--namespace', NAMESPACE, '--kube-version', KUBERNETES],
          ...['--show-only', 'templates/notes.yaml'],
          ...['--values', scenarioFile(scenario), '--values', '-'],
        ],
        values,
      ),
    )
    return String((parse(yaml) as { notes: unknown }).notes)
  } finally {
    rmSync(copy, { recursive: true })
  }
}
