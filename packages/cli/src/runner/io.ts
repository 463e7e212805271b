/** A stream that text and bytes go to; `isTTY` decides about colours, spinners and prompts. */
export interface Sink {
  readonly isTTY: boolean
  readonly columns: number | undefined
  /** Resolves when the stream takes more. */
  write(data: string | Uint8Array): Promise<void>
}

/** The outside of a command: everything of the process that it may touch. */
export interface Io {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  readonly stdout: Sink
  readonly stderr: Sink
  readonly stdin: { readonly isTTY: boolean; text(): Promise<string> }
  /** Asks on the terminal. With `hidden` what is typed is not shown. Only on a TTY. */
  ask(question: string, options?: { readonly hidden?: boolean }): Promise<string>
  /** Shows a page in the person's browser, where there is one. */
  openUrl(url: string): void
  /** Replaces the SDK's `fetch`, for tests. */
  readonly fetch?: (url: string, init: RequestInit) => Promise<Response>
}
