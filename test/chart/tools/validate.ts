import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { moduleFolder } from '../../../dev/go-module.ts'
import { output, root } from '../../../dev/tools.ts'
import type { Manifest } from './helm.ts'

const environment = join(root, '.cache/chart-python')
const VALIDATOR = 'kubernetes-validate==1.37.0'

/** Python with the validator, in an environment of its own that is made once. */
function python(): string {
  const interpreter = join(environment, 'bin/python')
  if (!existsSync(join(environment, 'complete'))) {
    console.error('making a Python environment with kubernetes-validate in .cache')
    output('python3', ['-m', 'venv', environment])
    output(interpreter, ['-m', 'pip', 'install', '--quiet', VALIDATOR])
    output('touch', [join(environment, 'complete')])
  }
  return interpreter
}

/** Go takes a flag behind the `^`, Python only before it. */
const GO_FLAG = '^(?i)'

/** Definitions of the kinds that are not Kubernetes' own, from the modules of those who made them. */
function definitions(): readonly unknown[] {
  const keda = join(moduleFolder('github.com/kedacore/keda/v2@v2.21.0'), 'config/crd/bases')
  const operator = join(
    moduleFolder('github.com/prometheus-operator/prometheus-operator@v0.85.0'),
    'example/prometheus-operator-crd',
  )
  return [
    join(keda, 'keda.sh_scaledobjects.yaml'),
    join(keda, 'keda.sh_triggerauthentications.yaml'),
    join(operator, 'monitoring.coreos.com_servicemonitors.yaml'),
    join(operator, 'monitoring.coreos.com_podmonitors.yaml'),
    join(operator, 'monitoring.coreos.com_prometheusrules.yaml'),
  ].map((file) => parse(readFileSync(file, 'utf8').replaceAll(GO_FLAG, '(?i)^')))
}

let crds: readonly unknown[] | undefined

/** Problems of the objects under a version of Kubernetes, one line each; unknown keys are problems. */
export function validate(objects: readonly Manifest[], version: string): readonly string[] {
  crds ??= definitions()
  const script = join(import.meta.dirname, 'validate.py')
  return JSON.parse(output(python(), [script], JSON.stringify({ version, objects, crds })))
}
