import * as z from 'zod'
import type { FunctionInput } from '#client/functions.ts'
import type { Known } from '#client/known.ts'
import { FUNCTION_KIND } from '#contract/kind.ts'
import { functionParameters } from '#contract/parameters.ts'
import { type Description, metadataOf } from './describe.ts'
import { type CodeOptions, sourceOf } from './function-source.ts'
import { refuseUnknown } from './refuse-unknown.ts'

const shape = z.looseObject(functionParameters)
type FunctionParameters = Known<z.input<typeof shape>>

/** A new function: the arguments of the Python SDK's `new_function`. */
export interface NewFunction extends Description, CodeOptions, Omit<FunctionParameters, 'source'> {
  readonly name: string
  /** Default and only kind: `container`. */
  readonly kind?: string | undefined
  /** The version's id. Default: a new one. */
  readonly uuid?: string | undefined
  /** The git repository it comes from; told, not used. */
  readonly source_remote?: string | undefined
}

const NAMES = z.looseObject({
  ...functionParameters,
  ...Object.fromEntries(
    ['name', 'kind', 'uuid', 'description', 'labels', 'embedded', 'source_remote', 'code_src', 'code', 'base64', 'handler', 'lang'].map((name) => [
      name,
      z.unknown(),
    ]),
  ),
})

/** As the API takes it. Throws `invalid` for a parameter that functions do not have. */
export const functionInput = (fn: NewFunction): FunctionInput => {
  refuseUnknown('a function', NAMES, fn)
  const {
    name,
    kind = FUNCTION_KIND,
    uuid,
    source_remote,
    description,
    labels,
    embedded = false,
    code_src,
    code,
    base64,
    handler,
    lang,
    source,
    ...parameters
  } = fn
  const metadata = metadataOf({ description, labels, embedded })
  return {
    name,
    kind,
    ...(uuid !== undefined && { id: uuid }),
    metadata: source_remote === undefined ? metadata : { ...metadata, source_remote },
    spec: { ...parameters, source: sourceOf({ code_src, code, base64, handler, lang, source }) },
  }
}
