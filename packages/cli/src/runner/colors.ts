import picocolors from 'picocolors'
import type { Io } from './io.ts'

export type Colors = ReturnType<typeof picocolors.createColors>

/** Colours only for people: on a terminal, unless NO_COLOR, TERM=dumb or `--no-color` says otherwise; FORCE_COLOR wins over the terminal test. */
export const colorsFor = (sink: Io['stdout'], env: Io['env'], noColor: boolean): Colors =>
  picocolors.createColors(!noColor && !env['NO_COLOR'] && (env['FORCE_COLOR'] ? env['FORCE_COLOR'] !== '0' : sink.isTTY && env['TERM'] !== 'dumb'))
