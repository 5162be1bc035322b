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
  const topics = new Map<string, Part[]>()
  for (const item of items) {
    const parts = topics.get(item.topic)
    if (parts === undefined) topics.set(item.topic, [toPart(item)])
    else parts.push(toPart(item))
  }
  return [...topics].map(([topic, partitions]) => ({ topic, partitions }))
}
