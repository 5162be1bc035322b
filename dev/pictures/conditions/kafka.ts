import { sleep } from '../../../src/kernel/lifecycle.ts'
import { asking, many, whileSending } from './records.ts'
import type { Stage } from './stage.ts'

/** They are produced and deleted while nobody reads. */
export async function lost(stage: Stage): Promise<void> {
  const { createTopic, send, sees, admin } = stage
  await createTopic('lost')
  await send('lost', [asking('')])
  const first = await stage.pod('lost-0', { topics: ['lost'] })
  await sees(first, 'keeping-up')
  await first.end()
  await send('lost', many(30, ''))
  await admin.deleteTopicRecords({ topic: 'lost', partitions: [{ partition: 0, offset: '20' }] })
  await sees(await stage.pod('lost-1', { topics: ['lost'] }), 'lost', { isNote: true })
}

export async function transactionOpen(stage: Stage): Promise<void> {
  const { createTopic, sees, client } = stage
  await createTopic('transaction')
  const service = await stage.pod('transaction', { topics: ['transaction'] })
  await sees(service, 'keeping-up')
  const producer = client.producer({
    ...{ transactionalId: 'conditions', maxInFlightRequests: 1, idempotent: true },
    transactionTimeout: 600_000,
  })
  await producer.connect()
  try {
    const transaction = await producer.transaction()
    await transaction.send({ topic: 'transaction', messages: [asking('')] })
    await sees(service, 'transaction-open')
    await service.page
      .locator('#partitions')
      .getByText('transaction: open, with 1 record')
      .waitFor()
    await transaction.abort()
  } finally {
    await producer.disconnect()
  }
}

/** For more than a fifth of five minutes. */
export async function throttled(stage: Stage): Promise<void> {
  const { createTopic, sees, kafka } = stage
  await createTopic('throttled')
  const quota = ['--add-config', 'consumer_byte_rate=2000']
  const all = ['--alter', '--entity-type', 'clients', '--entity-default']
  await kafka.tools.configs([...all, ...quota])
  const service = await stage.pod('throttled', { topics: ['throttled'] })
  const records = [asking('', { padding: 'x'.repeat(20_000) })]
  await whileSending(stage, 'throttled', records, () =>
    sees(service, 'throttled', { isNote: true, patience: 300_000 }),
  )
}

/** The right to the group is gone for a while; then, while a record is handled, the one to read the topic. */
export async function commitsFail(stage: Stage): Promise<void> {
  const { createTopic, send, sees, kafka } = stage
  await createTopic('commits')
  const service = await stage.pod('commits', {
    topics: ['commits'],
    env: await stage.secured(),
  })
  await sees(service, 'keeping-up')
  const user = `User:${kafka.credentials.username}`
  const group = ['--group', 'conditions-commits', '--force']
  await kafka.tools.acls(['--add', '--deny-principal', user, '--operation', 'All', ...group])
  await sees(service, 'not-ready')
  await kafka.tools.acls(['--remove', ...group])
  await sees(service, 'keeping-up')
  const deny = ['--add', '--deny-principal', user, '--operation', 'Read', '--topic', 'commits']
  await send('commits', many(20, 'slow'))
  await kafka.tools.acls([...deny, '--force'])
  await sees(service, 'not-fetched')
  await sees(service, 'commits-fail', { isNote: true })
}

/** Node 2 leads without what only node 1 had. */
export async function cut(stage: Stage): Promise<void> {
  const { send, sees, kafka } = stage
  const config = { 'unclean.leader.election.enable': 'true' }
  await kafka.cluster.createTopic('cut', { assignments: [[1, 2]], config })
  const [first, second] = kafka.nodes
  if (first === undefined || second === undefined) throw new Error('there are three nodes')
  const service = await stage.pod('cut', { topics: ['cut'] })
  await send('cut', many(20, ''))
  await sees(service, 'keeping-up')
  await second.kill()
  await send('cut', many(10, ''))
  const isRead = async () =>
    (await service.status()).partitions.some(({ facts }) => facts?.committed === 30)
  while (!(await isRead())) await sleep(200)
  await first.kill()
  await second.start()
  await sees(service, 'cut', { isNote: true })
}

/** One partition is on a broker that is away; those of the others go on. */
export async function apart(stage: Stage): Promise<void> {
  const { send, sees, kafka } = stage
  await kafka.cluster.createTopic('apart', { assignments: [[1], [2]] })
  const service = await stage.pod('apart', { topics: ['apart'] })
  await send(
    'apart',
    [0, 1].map((partition) => ({ ...asking(''), partition })),
  )
  await sees(service, 'keeping-up')
  await kafka.nodes[1]?.kill()
  await sees(service, 'not-fetched')
  await service.page
    .locator('#numbers')
    .getByText(/1 partition as of .* ago/)
    .first()
    .waitFor()
  await sees(service, 'keeping-up', { isNote: true })
}

/** A topic that is deleted and made anew: nothing is lost of it, and no word of the old one stays. */
export async function recreated(stage: Stage): Promise<void> {
  const { createTopic, send, sees, admin } = stage
  await createTopic('recreated')
  await send('recreated', many(20, ''))
  const service = await stage.pod('recreated', { topics: ['recreated'] })
  await sees(service, 'keeping-up')
  await admin.deleteTopics({ topics: ['recreated'] })
  await sees(service, 'not-ready')
  await createTopic('recreated')
  await send('recreated', many(5, ''))
  await sees(service, 'keeping-up')
  await service.page
    .locator('#partitions')
    .getByRole('cell', { name: '5', exact: true })
    .first()
    .waitFor()
}
