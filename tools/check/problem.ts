/** Something that breaks a rule. */
export interface Problem {
  /** From the repository's root. */
  readonly file: string
  readonly line: number
  /** The rule and what breaks it, one sentence. */
  readonly message: string
}

/** `file:line message`, which editors and terminals make clickable. */
export const problemLine = ({ file, line, message }: Problem): string => `${file}:${line} ${message}`
