/** The PEM blocks whose label fits, in the order of the file; what stands between is ignored. */
export function pemBlocks(text: string, label: RegExp): string[] {
  const blocks = text.matchAll(/-----BEGIN ([A-Z0-9 ]+)-----[\s\S]*?-----END \1-----/g)
  return [...blocks].filter((match) => label.test(match[1] ?? '')).map((match) => `${match[0]}\n`)
}
