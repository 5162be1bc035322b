// What `helm test` runs, with the service's own image: argument 1 is the address of the Service.
const [base] = process.argv.slice(1)
const problems = []

async function get(path) {
  for (let attempt = 1; ; attempt++) {
    try {
      const answer = await fetch(base + path, { signal: AbortSignal.timeout(5000) })
      return { status: answer.status, text: await answer.text() }
    } catch (error) {
      // A Service without a ready pod refuses connections: right after an install, that passes.
      if (attempt === 10) throw new Error(`${base}${path}: ${error.cause?.code ?? error.message}`)
      await new Promise((resolve) => setTimeout(resolve, 2000))
    }
  }
}

function check(what, holds, found) {
  console.log(`${holds ? 'ok' : 'NOT OK'}: ${what}${holds ? '' : `, but ${found}`}`)
  if (!holds) problems.push(what)
}

const ready = await get('/readyz')
check('/readyz says that the pod is a member of the group', ready.status === 200, ready.text)

const metrics = await get('/metrics')
const samples = metrics.text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
const value = (name) => {
  const found = samples.filter((line) => line.startsWith(`${name} `) || line.startsWith(`${name}{`))
  return found.length === 0
    ? null
    : found.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0)
}
const isReady = value('onchain_consumer_ready')
check('onchain_consumer_ready is 1', isReady === 1, `it is ${isReady}`)
const owned = value('onchain_consumer_member_partitions')
check('onchain_consumer_member_partitions is a number', owned !== null, 'it is missing')

const lag = JSON.parse((await get('/lag')).text)
console.log(`this pod owns ${owned} partitions: ${JSON.stringify(lag).slice(0, 500)}`)
process.exitCode = problems.length === 0 ? 0 : 1
