type Write = (fields: object, message: string) => void

/** Where helpers report what they do. A pino logger fits. */
export interface Log {
  readonly debug: Write
  readonly info: Write
  readonly warn: Write
  readonly error: Write
}

const nothing: Write = () => undefined

/** Says nothing: for tests and for callers that have no log. */
export const silentLog: Log = { debug: nothing, info: nothing, warn: nothing, error: nothing }
