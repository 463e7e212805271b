import { type Logger, pino } from 'pino'
import type { Config } from '#config/settings.ts'

const LEVELS: Readonly<Record<number, string>> = { 20: 'debug', 30: 'info', 40: 'warn', 50: 'error', 60: 'fatal' }

const brief = (value: unknown): string => {
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return /^[\w.:/@-]+$/.test(text) ? text : JSON.stringify(text)
}

/** One record as a line for people: time, level, message, fields. */
export const asText = (line: string): string => {
  const {
    level,
    time,
    msg,
    err,
    pid: _pid,
    hostname: _host,
    ...fields
  } = JSON.parse(line) as Record<string, unknown> & { level: number; time: number; err?: { message?: string; stack?: string } }
  const details = Object.entries(fields).map(([name, value]) => ` ${name}=${brief(value)}`)
  const trace = err ? `\n  ${err.stack ?? err.message}` : ''
  return `${new Date(time).toISOString()} ${(LEVELS[level] ?? String(level)).padEnd(5)} ${String(msg)}${details.join('')}${trace}\n`
}

/** The server's log, on stderr: stdout belongs to `ready`. */
export const createLogger = ({ log_level: level, log_format: format }: Pick<Config, 'log_level' | 'log_format'>): Logger => {
  const redact = { paths: ['password', 'token', 'authorization', 'connectionString'], remove: true }
  return format === 'json'
    ? pino({ level, redact }, pino.destination(2))
    : pino({ level, redact }, { write: (line: string) => void process.stderr.write(asText(line)) })
}
