/** The sum over a metric's series, or over those with this label: `kind="assigned"`. */
export function metric(exposition: string, name: string, label = ''): number {
  let sum = 0
  for (const line of exposition.split('\n')) {
    const named = line.startsWith(`${name} `) || line.startsWith(`${name}{`)
    if (named && line.includes(label)) {
      sum += Number(line.slice(line.lastIndexOf(' ') + 1))
    }
  }
  return sum
}
