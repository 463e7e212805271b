import { choice, duration, flag, text } from './option.ts'

export const FORMATS = ['table', 'wide', 'json', 'yaml', 'name'] as const
export type Format = (typeof FORMATS)[number]

/** Flags that every command takes, before or behind its name. */
export const GLOBALS = {
  endpoint: text('--endpoint <url>', 'The server (default: DAVIT_ENDPOINT, or the one chosen by `davit use`)'),
  context: text('--context <name>', 'A server saved by `davit use --name`'),
  project: text('-p, --project <name>', 'The project (default: DAVIT_PROJECT, or "default")'),
  output: choice('-o, --output <format>', FORMATS, 'How results are printed'),
  json: flag('--json', 'The same as -o json'),
  quiet: flag('-q, --quiet', 'No narration, only results and errors'),
  verbose: flag('-v, --verbose', 'Say more about errors and requests'),
  noColor: flag('--no-color', 'No colours (also: NO_COLOR)'),
  timeout: duration('--timeout <duration>', 'Give up waiting after this long, exit code 124'),
} as const
