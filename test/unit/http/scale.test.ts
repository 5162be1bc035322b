import assert from 'node:assert/strict'
import test from 'node:test'
import { scalingReportOf } from '../../support/status.ts'
import { serve } from './serve.ts'

test('/scale gives the whole group as numbers, for an autoscaler', async (context) => {
  const { state, json } = await serve(context)
  state.scaling = scalingReportOf({ consumeRate: 10 / 3, secondsToDrain: null })
  assert.deepEqual(await json('/scale'), {
    code: 200,
    body: {
      lag: 600,
      consumeRate: 3.333,
      produceRate: 20,
      secondsToDrain: null,
      partitions: 12,
      wantedReplicas: 6,
      scalingLag: 600,
      hold: null,
      members: 3,
      replicas: 3,
      at: '1970-01-01T00:17:38.000Z',
      ageSeconds: 2,
      advice: [],
    },
  })
})

test('/scale answers 503 with the reason while the group is unknown', async (context) => {
  const { state, json } = await serve(context)
  state.scaling = { known: false, reason: 'no broker answers', advice: [] }
  const body = { error: 'not known', reason: 'no broker answers' }
  assert.deepEqual(await json('/scale'), { code: 503, body })
})
