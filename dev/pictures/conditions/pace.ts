import { LAG_HIGH } from './chapters.ts'
import { type Asking, aged, asking, whileSending } from './records.ts'
import type { ShownPod } from './shown-pod.ts'
import type { Stage } from './stage.ts'

/** Over both partitions, unless `more` names one. */
const spread = (count: number, does: string, more: Partial<Asking> = {}): Asking[] =>
  Array.from({ length: count }, (_, index) => ({
    ...{ ...asking(does), partition: index % 2 },
    ...more,
  }))

/** Two pods, one partition each; a record takes a second. */
export async function pace(stage: Stage): Promise<void> {
  const { createTopic, send, sees } = stage
  await createTopic('pace', 2)
  const scaling = { interval: '1s', window: '5s', adviceAfter: '1s' }
  const config = { processing: { order: 'partition' }, scaling }
  const first = await stage.pod('pace-0', { topics: ['pace'], config })
  const second = await stage.pod('pace-1', { topics: ['pace'], config })
  await sees(first, 'keeping-up')
  // 5 a second for each partition, and one is handled.
  await whileSending(stage, 'pace', spread(10, 'slow'), async () => {
    await sees(first, 'falling-behind')
    // At the partition limit.
    await first.page.locator('#group').getByText('Advice').waitFor()
  })
  await sees(first, 'catching-up')
  await send('pace', spread(2, 'slow', aged(10)))
  await sees(first, 'catching-up', { chapter: LAG_HIGH })
  const ahead = (await has(first, 0)) ? first : second
  const other = { partition: 1 }
  await send('pace', [...spread(200, 'slow', other), ...spread(4_000, '', other)])
  await sees(ahead, 'others-behind')
}

async function has(pod: ShownPod, partition: number): Promise<boolean> {
  const { partitions } = await pod.status()
  return partitions.some((each) => each.facts !== null && each.partition === partition)
}

export async function standby(stage: Stage): Promise<void> {
  await stage.createTopic('standby')
  await stage.pod('standby-0', { topics: ['standby'] })
  const second = await stage.pod('standby-1', { topics: ['standby'] })
  await stage.sees(second, 'standby')
}

/** More rebalances within 10 minutes than the alert allows. */
export async function storm(stage: Stage): Promise<void> {
  await stage.createTopic('storm', 4)
  const steady = await stage.pod('storm', { topics: ['storm'] })
  for (let count = 0; count < 6; count++) {
    const other = await stage.pod(`storm-${count}`, { topics: ['storm'] })
    await stage.sees(other, 'keeping-up')
    await other.end()
  }
  await stage.sees(steady, 'rebalance-storm', { isNote: true })
}
