// Says in one line what is wrong when the scripts would run on a Node that is too old.
import { readFileSync } from 'node:fs'

const { engines } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
const wanted = engines.node.replace('>=', '')
const [major, minor] = process.versions.node.split('.').map(Number)
const [leastMajor, leastMinor] = wanted.split('.').map(Number)
if (major < leastMajor || (major === leastMajor && minor < leastMinor)) {
  console.error(
    `Node ${process.versions.node} is too old: ${wanted} or newer is needed. ` +
      'The devDependency "node" brings one: run "npm ci" and use "npm run ..." again.',
  )
  process.exit(1)
}
