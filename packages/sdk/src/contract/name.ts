import * as z from 'zod'

/** DigitalHub's slug: names of functions, runs and secrets, and kinds. No slash, no space. */
export const Slug = z
  .string()
  .min(1)
  .max(256)
  .regex(/^[a-zA-Z0-9._+-]+$/, 'must hold only letters, digits and . _ + -')
  .meta({ id: 'Slug' })

/** A project's name is its id, and becomes part of network and namespace names: hence the DNS label rule. 1 to 50 characters. */
export const ProjectName = z
  .string()
  .min(1)
  .max(50)
  .regex(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/, 'must hold only lower-case letters, digits and -, and begin and end with a letter or digit')
  .meta({ id: 'ProjectName' })

/** Ids of entities: 32 hex digits or a dashed UUID in practice; anything that official clients can parse back. */
export const EntityId = z
  .string()
  .min(1)
  .max(63)
  .regex(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/, 'must hold only lower-case letters, digits and -, and begin and end with a letter or digit')
  .meta({ id: 'EntityId' })

/** The name of an environment variable; Kubernetes' own rule. */
export const EnvName = z
  .string()
  .max(256)
  .regex(/^[-._a-zA-Z][-._a-zA-Z0-9]*$/, 'must begin with a letter or _ and hold only letters, digits and . _ -')

/** Text that a process can receive as an argument or variable: everything but NUL, which ends a C string. */
export const ProcessText = z.string().refine((text) => !text.includes('\0'), 'holds a NUL character, which no process can receive')

/** A new id as the official SDK makes them: 32 hex digits. */
export const newEntityId = (): string => globalThis.crypto.randomUUID().replaceAll('-', '')
