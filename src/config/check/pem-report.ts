/** Paths of the files for TLS, by the names of their keys. */
export interface PemFiles {
  readonly caFile?: string | undefined
  readonly certificateFile?: string | undefined
  readonly keyFile?: string | undefined
  readonly keyPassphraseFile?: string | undefined
}

/** Collects problems of one of the files. */
export type PemReport = (
  severity: 'problem' | 'warning',
  name: keyof PemFiles,
  message: string,
  remedy: string,
) => void
