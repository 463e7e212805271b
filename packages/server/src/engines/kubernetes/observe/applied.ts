import { hash } from 'node:crypto'
import { parseQuantity } from 'davit/contract'
import { ANNOTATION } from '../labels.ts'
import type { ContainerTemplate, Deployment, KubeObject, Service } from '../objects.ts'

type Values = Readonly<Record<string, unknown>>

/** Amounts as numbers: the API server writes them anew (`2000000000` as `2G`). */
const amountsOf = ({ requests = {}, limits = {} }: NonNullable<ContainerTemplate['resources']>): Values =>
  Object.fromEntries(
    Object.entries({ requests, limits }).flatMap(([which, amounts]) =>
      Object.entries(amounts).map(([name, amount]) => [`${which}.${name}`, parseQuantity(amount) ?? amount]),
    ),
  )

const containerOf = ({ template }: NonNullable<Deployment['spec']>): ContainerTemplate => template?.spec?.containers?.[0] ?? {}

/** What people change by hand, and where it stands. A job's template cannot be changed, and that it is suspended is told as what is wrong. */
export const EDITABLE = {
  Deployment: {
    replicas: ({ replicas }) => replicas,
    paused: ({ paused }) => paused ?? false,
    image: (spec) => containerOf(spec).image,
    command: (spec) => containerOf(spec).command ?? UNSET,
    args: (spec) => containerOf(spec).args ?? UNSET,
    env: (spec) => containerOf(spec).env ?? UNSET,
    resources: (spec) => amountsOf(containerOf(spec).resources ?? {}),
  },
  Service: {
    type: ({ type }) => type ?? 'ClusterIP',
    ports: ({ ports = [] }) => ports.map(({ name, port, targetPort, nodePort, protocol = 'TCP' }) => ({ name, port, targetPort, protocol, nodePort })),
    selector: ({ selector = {} }) => selector,
  },
} as const satisfies {
  Deployment: Record<string, (spec: NonNullable<Deployment['spec']>) => unknown>
  Service: Record<string, (spec: NonNullable<Service['spec']>) => unknown>
}

/** What is compared by its digest, and never shown: it may be long, and hold what nobody should read. */
export const HIDDEN = ['command', 'args', 'env'] as const

/** Keys in order, without what is empty: as we write a value and as the API server gives it back. */
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).filter(([, part]) => part !== undefined && part !== null && part !== '')
  return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([key, part]) => [key, canonical(part)]))
}

/** A part of an object in few bytes. */
export const digest = (value: unknown): string => hash('sha1', JSON.stringify(canonical(value)), 'base64').slice(0, 16)
const UNSET = ''

export const valuesOf = (object: Deployment | Service): Values => {
  const readers: Record<string, (spec: object) => unknown> = EDITABLE[object.kind as keyof typeof EDITABLE] // the two kinds that the type allows
  return Object.fromEntries(Object.entries(readers).map(([field, read]) => [field, read(object.spec ?? {})]))
}

/** What else a Deployment was made with, by name. */
export interface Belongings {
  readonly services: readonly string[]
  readonly claims: readonly string[]
}

/**
 * The annotation that says what an object was made as, in the values that people like to change. A hash of all would not do: the API
 * server fills in the rest of a spec, and a generation does not tell our own second write from somebody else's.
 */
export const appliedAnnotation = (object: Deployment | Service, belongings?: Belongings): Record<string, string> => ({
  [ANNOTATION.applied]: JSON.stringify({ ...valuesOf(object), ...belongings }),
})

/** What it was made as; empty where the annotation is missing or was changed. */
export function appliedOf({ metadata }: KubeObject): Values {
  try {
    const made: unknown = JSON.parse(metadata.annotations?.[ANNOTATION.applied] ?? '{}')
    return typeof made === 'object' && made !== null ? { ...made } : {}
  } catch {
    return {}
  }
}

const texts = (value: unknown): readonly string[] => (Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [])

export const belongingsOf = (deployment: KubeObject): Belongings => {
  const { services, claims } = appliedOf(deployment)
  return { services: texts(services), claims: texts(claims) }
}
