import type * as z from 'zod'
import { toBase64 } from '#client/base64.ts'
import { DavitError } from '#contract/error.ts'
import type { Source } from '#contract/parameters.ts'

/** Where a function's code comes from, as the Python SDK's arguments. */
export interface CodeOptions {
  /** A URI (`git+https://…#ref`, `s3://`, `zip+s3://`, `http(s)://`), or a file name when `code` or `base64` holds its content. */
  readonly code_src?: string | undefined
  /** The content itself. */
  readonly code?: string | Uint8Array | undefined
  /** The content in base64. */
  readonly base64?: string | undefined
  readonly handler?: string | undefined
  readonly lang?: string | undefined
  /** The finished object, instead of the parts above. */
  readonly source?: z.input<typeof Source> | undefined
}

const REMOTE = /^(git\+https?|git\+ssh|zip\+s3|zip\+https?|s3|https?):\/\//

const contentOf = (code: string | Uint8Array): string => toBase64(typeof code === 'string' ? new TextEncoder().encode(code) : code)

/** The parts as `spec.source`, at least `{}`: the official SDK counts on it being there. */
export const sourceOf = ({ code_src, code, base64, handler, lang, source }: CodeOptions): z.input<typeof Source> => {
  const content = base64 ?? (code === undefined ? undefined : contentOf(code))
  if (code_src !== undefined && content === undefined && !REMOTE.test(code_src))
    throw new DavitError('invalid', `code_src ${code_src} is a file, and files are not read here`, {
      path: 'code_src',
      hint: 'give its content as code or base64',
    })
  return {
    ...source,
    ...(code_src !== undefined && { source: code_src }),
    ...(content !== undefined && { base64: content }),
    ...(handler !== undefined && { handler }),
    ...(lang !== undefined && { lang }),
  }
}
