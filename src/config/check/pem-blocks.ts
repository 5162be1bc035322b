/** The PEM blocks whose label matches, in the order of the file; text between them is ignored. */
export function pemBlocks(text: string, label: RegExp): string[] {
  const blocks = text.matchAll(/-----BEGIN ([A-Z0-9 ]+)-----[\s\S]*?-----END \1-----/g)
  return [...blocks].filter((match) => label.test(match[1] ?? '')).map((match) => `${match[0]}\n`)
}
