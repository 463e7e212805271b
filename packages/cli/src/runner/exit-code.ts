import { BLAME_EXIT, DavitError, ERROR_CODES, type Run, VERDICT_CODES } from 'davit/contract'

/** 0 for what is not there yet: a run that goes on has not failed. */
export function exitCodeOfRun({ status }: Pick<Run, 'status'>): number {
  if (status.state === 'STOPPED' || status.state === 'STOP' || status.state === 'DELETED' || status.state === 'DELETING') return BLAME_EXIT.user
  if (status.state !== 'ERROR') return 0
  if (status.verdict) return BLAME_EXIT[VERDICT_CODES[status.verdict.code].blame]
  return containerExitCode({ status }) === undefined ? BLAME_EXIT.infrastructure : BLAME_EXIT.application
}

/** What the container itself ended with; undefined when none of them ended. */
export const containerExitCode = ({ status }: Pick<Run, 'status'>): number | undefined =>
  status.verdict?.exit_code ?? status.containers?.findLast((container) => container.exit_code !== undefined)?.exit_code ?? status.attempts?.at(-1)?.exit_code

export const exitCodeOfError = (error: unknown): number => (error instanceof DavitError ? ERROR_CODES[error.code].exit : 1)

/** Of several runs: the gravest. */
export const gravest = (codes: readonly number[]): number => codes.reduce((worst, code) => Math.max(worst, code), 0)
