// Says in one line what is wrong when the scripts would run on a Node that is too old.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (major < 22 || (major === 22 && minor < 19)) {
  console.error(
    `Node ${process.versions.node} is too old: 22.19 or newer is needed. ` +
      'The devDependency "node" brings one: run "npm ci" and use "npm run ..." again.',
  )
  process.exit(1)
}
