/** The partitions of one topic, in the form that requests use. */
export interface OfTopic<Part> {
  readonly topic: string
  readonly partitions: Part[]
}

/** Groups items by topic, keeping their order. */
export function byTopic<Item extends { readonly topic: string }, Part>(
  items: Iterable<Item>,
  toPart: (item: Item) => Part,
): Array<OfTopic<Part>> {
  const topics = Map.groupBy(items, ({ topic }) => topic)
  return Array.from(topics, ([topic, own]) => ({ topic, partitions: own.map(toPart) }))
}
