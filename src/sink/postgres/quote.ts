/** An identifier: `"name"`. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** `transfers` or `schema.transfers`, quoted. */
export function quoteTable(table: string): string {
  return table.split('.').map(quoteName).join('.')
}
