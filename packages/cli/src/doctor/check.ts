/** One line of `davit doctor`: what was looked at, how it is, and what to do when it is not well. */
export interface Check {
  readonly check: string
  readonly result: 'ok' | 'warn' | 'fail'
  readonly detail: string
  readonly fix?: string
}

export const ok = (check: string, detail: string): Check => ({ check, result: 'ok', detail })
export const warn = (check: string, detail: string, fix: string): Check => ({ check, result: 'warn', detail, fix })
export const fail = (check: string, detail: string, fix: string): Check => ({ check, result: 'fail', detail, fix })
