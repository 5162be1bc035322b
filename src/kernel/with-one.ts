/**
 * The list with one more. Nearly all such lists stay at one, and there is one for each record: where a
 * list grows from nothing, V8 makes room for 17.
 */
export function withOne<Item>(list: Item[] | undefined, item: Item): Item[] {
  if (list === undefined) return [item]
  list.push(item)
  return list
}
