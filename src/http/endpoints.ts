/** All endpoints: for the index, for 404 answers, and to tell 404 from 405. */
export const ENDPOINTS: ReadonlyArray<{ readonly path: string; readonly purpose: string }> = [
  { path: '/', purpose: 'the status page for a browser (http.page), else this index' },
  {
    path: '/healthz',
    purpose: 'liveness: 503 when a loop is stuck, so that a restart would help',
  },
  { path: '/readyz', purpose: 'readiness: 200 when every member of the group is joined' },
  { path: '/startupz', purpose: 'startup: 200 once every member has joined once' },
  { path: '/metrics', purpose: 'metrics in the Prometheus text format' },
  { path: '/api/v1/status', purpose: 'what the status page shows, as one JSON document' },
  { path: '/lag', purpose: 'lag of each assigned partition, in records and in time' },
  {
    path: '/scale',
    purpose: 'lag of the whole group, its rates, the wanted replicas; 503 while unknown',
  },
]

export const endpointPaths: readonly string[] = ENDPOINTS.map(({ path }) => path)

/** Links for a browser. Contains no outside text, so nothing needs escaping. */
export const indexPage = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>onchain-consumer</title>
<h1>onchain-consumer</h1>
<ul>
${ENDPOINTS.map(({ path, purpose }) => `<li><a href="${path}">${path}</a>: ${purpose}</li>`).join('\n')}
</ul>
</html>
`
