/** Paths of the files that TLS needs, by the names of their keys. */
export interface PemFiles {
  readonly caFile?: string | undefined
  readonly certificateFile?: string | undefined
  readonly keyFile?: string | undefined
  readonly keyPassphraseFile?: string | undefined
}

/** Collects what is wrong with one of the files. */
export type PemReport = (
  severity: 'problem' | 'warning',
  name: keyof PemFiles,
  message: string,
  remedy: string,
) => void
