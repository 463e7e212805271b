import * as z from 'zod'
import { endpoint } from './endpoint.ts'
import { entityFields } from './metadata.ts'
import { pageOf, pageQuery } from './page.ts'

/** What can be searched for. */
export const SEARCHED = ['function', 'task', 'run', 'secret'] as const
export type Searched = (typeof SEARCHED)[number]

/** An entity that was found: what describes it, and the key by which clients read it whole. */
export const Found = z.looseObject({ ...entityFields, type: z.enum(SEARCHED), status: z.looseObject({ state: z.string() }) }).meta({ id: 'Found' })
export type Found = z.infer<typeof Found>

export const searchEndpoints = {
  item: endpoint({
    method: 'GET',
    path: '/api/v1/-/:project/solr/search/item',
    summary: 'Search the functions, tasks, runs and secrets of a project by text and filters',
    query: z.looseObject({ ...pageQuery, q: z.string().optional(), fq: z.union([z.string(), z.array(z.string())]).optional() }),
    returns: pageOf(Found),
  }),
} as const
