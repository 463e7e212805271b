import type { VerdictCode } from 'davit/contract'
import type { Refusal } from '#domain/engine.ts'

/** What a word in an image's name makes of it; every other name is an image with the little shell and no ENTRYPOINT. */
const REFUSED = {
  missing: { code: 'image-not-found', says: 'manifest unknown' },
  denied: { code: 'image-access-denied', says: 'unauthorized: authentication required' },
  unreachable: { code: 'image-registry-unreachable', says: 'dial tcp: lookup registry: no such host' },
} as const satisfies Record<string, { code: VerdictCode; says: string }>

export function imageRefusal(image: string): Refusal | undefined {
  const [, rule] = Object.entries(REFUSED).find(([word]) => image.includes(word)) ?? []
  return rule && { code: rule.code, evidence: [`${image}: ${rule.says}`] }
}

/** A `slow` image is pulled first. */
export const isSlow = (image: string): boolean => image.includes('slow')

/** ENTRYPOINT and CMD: an image named `…entrypoint…` has both. */
export const imageDefaults = (image: string): { readonly entrypoint: readonly string[]; readonly cmd: readonly string[] } =>
  image.includes('entrypoint') ? { entrypoint: ['echo', 'entrypoint'], cmd: ['cmd'] } : { entrypoint: [], cmd: ['sh'] }
