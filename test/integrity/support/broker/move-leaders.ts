import type { Scene } from '../setup.ts'

/** Two partitions after the other two go to the next node; resolves when they are there. */
export async function moveLeaders(
  { kafka, topic, partitions }: Scene,
  turn: number,
): Promise<void> {
  const leaders = await kafka.cluster.leaders(topic)
  const moves = [0, 1].map((index) => {
    const partition = (2 * turn + index) % partitions
    const next = ((leaders.get(partition) ?? 1) % kafka.nodes.length) + 1
    return { topic, partition, replicas: [next] }
  })
  await kafka.cluster.movePartitions(moves)
  await kafka.cluster.moved()
}
