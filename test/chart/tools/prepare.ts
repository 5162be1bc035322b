// Makes the tools that are missing: tests that run side by side would each do so.
import { helm, KUBERNETES } from './helm.ts'
import { runPromtool } from './promtool.ts'
import { validate } from './validate.ts'

helm(['version'])
runPromtool(['--version'], {})
validate([], KUBERNETES)
