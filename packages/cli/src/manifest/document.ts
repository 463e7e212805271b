import { actionOfRunKind, FUNCTION_KIND, FunctionCreate, nearestOf, ProjectCreate, RunCreate, runKindOf, ACTION_NAMES, SecretCreate } from 'davit/contract'
import * as z from 'zod'
import type { Kind } from '#run/kinds.ts'

/** One entity that a file asks for, and where in the file it stands. */
export interface Document {
  /** As written: `container`, `container+job:run`. */
  readonly kind: string
  readonly project: string | undefined
  readonly body: Readonly<Record<string, unknown>>
  readonly file: string
  /** Where a field stands, from 1; the line of the nearest parent where the field itself is missing. */
  readonly lineOf: (path: readonly string[]) => number
}

/** A run in a file may name its function shortly, or by reference; its task is made on the way. */
const RunDocument = RunCreate.extend({ spec: z.looseObject({ ...RunCreate.shape.spec.shape, task: z.string().optional(), function: z.string().min(1) }) })

const SCHEMAS = {
  project: ProjectCreate,
  function: FunctionCreate,
  run: RunDocument,
  secret: SecretCreate,
} as const satisfies Partial<Record<Kind, z.ZodType>>
export type DocumentKind = keyof typeof SCHEMAS

export const RUN_KINDS = ACTION_NAMES.map(runKindOf)
const KIND_OF = { project: 'project', [FUNCTION_KIND]: 'function', secret: 'secret' } as const satisfies Record<string, DocumentKind>
const KNOWN_KINDS = [...Object.keys(KIND_OF), ...RUN_KINDS]

const isPlainKind = (kind: string): kind is keyof typeof KIND_OF => Object.hasOwn(KIND_OF, kind)

/** Undefined: a kind that cannot stand in a file. */
export const documentKind = (kind: string): DocumentKind | undefined => (isPlainKind(kind) ? KIND_OF[kind] : actionOfRunKind(kind) ? 'run' : undefined)

/** As `documentKind`, for documents that were read: those have a known kind. */
export const kindOfDocument = ({ kind }: Document): DocumentKind => documentKind(kind) ?? 'run'

export const kindHint = (kind: string): string => {
  const nearest = nearestOf(kind, KNOWN_KINDS)
  return nearest ? `did you mean ${nearest}?` : `known: ${KNOWN_KINDS.join(', ')}`
}

export const schemaOf = (kind: DocumentKind): z.ZodType => SCHEMAS[kind]

export const documentName = ({ body }: Pick<Document, 'body'>): string | undefined => (typeof body['name'] === 'string' ? body['name'] : undefined)
