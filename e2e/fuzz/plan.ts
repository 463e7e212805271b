import fc, { type Arbitrary } from 'fast-check'
import type { WireRequest } from './exchange.ts'
import { framesOf, HANDSHAKE } from './frames.ts'
import { type Operation, type Parameter, queryParameters } from './operations.ts'
import type { Pool } from './pool.ts'
import { hostileText, hostileValue, valueOf, written } from './values.ts'

/** One way in which a request is bent. */
type Twist =
  | { readonly bend: 'graft'; readonly at: number; readonly value: unknown }
  | { readonly bend: 'drop'; readonly at: number }
  | { readonly bend: 'body'; readonly text: string }
  | { readonly bend: 'encoding'; readonly as: 'utf16le' | 'latin1' | 'bom' | 'broken' }
  | { readonly bend: 'cut'; readonly share: number }
  | { readonly bend: 'type'; readonly type: string }
  | { readonly bend: 'header'; readonly name: string; readonly value: string }
  | { readonly bend: 'segment'; readonly at: number; readonly text: string }
  | { readonly bend: 'query'; readonly text: string }
  | { readonly bend: 'method'; readonly method: string }

/** A request to be: what is drawn from earlier answers is put in when it is sent. */
export interface Plan {
  /** Who asks. */
  readonly actor: number
  readonly entity: number
  readonly path: Readonly<Record<string, unknown>>
  readonly query: Readonly<Record<string, unknown>>
  readonly body: unknown
  readonly twists: readonly Twist[]
}

const BODIES = [
  '',
  '{',
  '[',
  '{}',
  '[]',
  'null',
  '0',
  '""',
  'x',
  '{"a":1}}',
  '{"a":1,"a":2}',
  "{'a':1}",
  '\0',
  '{"__proto__":{"x":1}}',
  '[[[[',
  '---\na: &a [*a]\n',
  'a: &a [x,x]\nb: &b [*a,*a]\nc: &c [*b,*b]\nd: [*c,*c,*c,*c]\n',
  '!!js/function x',
  '? a\n: b\n',
  'name: !!binary x',
  '<x/>',
  'a=b&c=d',
] as const // prettier-ignore
const TYPES = [
  '',
  'application/json; charset=utf-16',
  'application/json;',
  'APPLICATION/JSON',
  'application/x-yaml',
  'text/yaml',
  'application/merge-patch+json',
  'text/plain',
  'multipart/form-data',
  'multipart/form-data; boundary=x',
  'application/x-www-form-urlencoded',
  'application/xml',
  'x',
  '*/*',
  'application/json, text/plain',
  '\x7f',
] as const // prettier-ignore
const HEADERS = [
  ['Content-Encoding', 'gzip'],
  ['Transfer-Encoding', 'chunked'],
  ['Transfer-Encoding', 'gzip, chunked'],
  ['Content-Length', '5'],
  ['Content-Length', '-1'],
  ['Content-Length', '99999999999999999999'],
  ['Expect', '100-continue'],
  ['Expect', 'x'],
  ['Upgrade', 'websocket'],
  ['Sec-WebSocket-Key', 'x'],
  ['Sec-WebSocket-Version', '7'],
  ['Sec-WebSocket-Extensions', 'permessage-deflate; x="'],
  ['Sec-WebSocket-Protocol', 'v12.stomp,,'],
  ['Accept', 'text/html'],
  ['Accept-Encoding', 'br'],
  ['Authorization', 'Bearer x'],
  ['Authorization', 'Basic !!!'],
  ['Authorization', ''],
  ['Host', 'example.com'],
  ['Host', ''],
  ['Host', '%%'],
  ['Origin', 'null'],
  ['Cookie', 'a=b; ;='],
  ['Cookie', 'davit_session=x; davit_csrf=x; davit_form=x; davit_provider=x'],
  ['Cookie', 'davit_session=%ff; davit_session='],
  ['X-Davit-Csrf', 'x'],
  ['Range', 'bytes=0-1'],
  ['If-None-Match', '*'],
  ['X-Http-Method-Override', 'DELETE'],
  ['X-Forwarded-For', '::1, x'],
  ['Connection', 'upgrade'],
  ['X-Big', 'x'.repeat(20_000)],
  ['__proto__', 'x'],
  ['X-Bytes', '\x01é'],
  [' ', 'x'],
] as const // prettier-ignore
const SEGMENTS = [
  '.',
  '..',
  '%2e%2e',
  '%2E%2E%2F',
  '%00',
  '%',
  '%zz',
  '%c0%ae',
  '%ff',
  'a%2fb',
  '',
  '*',
  ';',
  'a;b=c',
  '👾',
  '%F0%9F',
  '\\',
  'x'.repeat(600),
  'x'.repeat(9000),
  'data',
  'watch',
  '__proto__',
  'constructor',
  '-',
  '0',
  '%20',
  '+',
  '~',
  '@',
  'a:b',
] as const // prettier-ignore
const QUERIES = [
  'page=-1',
  'page=1e400',
  'page=NaN',
  'page=99999999999999999999',
  'page=2000000000&size=1000',
  'page=',
  'page=1&page=2',
  'page[]=1',
  'page[a]=1',
  'size=0',
  'size=1001',
  'size=-5',
  'size=abc',
  'size=1.5',
  'size=1&size=2',
  'sort=spec,ASC',
  'sort=name&sort=name',
  'sort=id,asc&sort=id,desc',
  'sort[]=id',
  'sort=',
  '&&&',
  '=',
  '%',
  '%00=%00',
  'a=%ff',
  'name=a&name=b',
  'state=%00',
  'q=%25%5F',
  'q=%ed%a0%80',
  'keys=a&keys=b',
  'keys=,,,',
  '__proto__=1',
  '__proto__[x]=1',
  'constructor=1',
  'cascade=maybe',
  'follow=2',
  'offset=-1',
  'offset=9e99',
  'offset=9007199254740991',
  'tail=1000001',
  'created=x,y',
  'created=-271821-04-20T00:00:00Z',
  'updated=%2B275760-09-13T00:00:00Z',
  'function=%00',
  `q=${'x'.repeat(7000)}`,
] as const // prettier-ignore
const METHODS = ['HEAD', 'OPTIONS', 'PATCH', 'TRACE', 'PURGE', 'get', 'PRI', 'X', 'PUT', 'POST', 'DELETE', 'QUERY'] as const

const twist = (hasBody: boolean): Arbitrary<Twist> => {
  const bend = <B extends Twist['bend'], R extends object>(name: B, rest: { [K in keyof R]: Arbitrary<R[K]> }) =>
    fc.record({ bend: fc.constant(name), ...rest }) as unknown as Arbitrary<Twist>
  const always = [
    bend('header', { name: fc.constant('X'), value: hostileText.map((text) => text.replace(/[\r\n]/g, ' ').slice(0, 2000)) }),
    fc.constantFrom(...HEADERS).map(([name, value]): Twist => ({ bend: 'header', name, value })),
    bend('segment', {
      at: fc.nat(8),
      text: fc.oneof(
        fc.constantFrom(...SEGMENTS),
        hostileText.map((text) => encodeURIComponent(text.toWellFormed())),
      ),
    }),
    bend('query', { text: fc.constantFrom(...QUERIES) }),
    bend('method', { method: fc.constantFrom(...METHODS) }),
  ]
  const ofBody = [
    { weight: 5, arbitrary: bend('graft', { at: fc.nat(60), value: hostileValue }) },
    { weight: 2, arbitrary: bend('drop', { at: fc.nat(60) }) },
    { weight: 1, arbitrary: bend('body', { text: fc.constantFrom(...BODIES) }) },
    { weight: 1, arbitrary: bend('encoding', { as: fc.constantFrom('utf16le', 'latin1', 'bom', 'broken') }) },
    { weight: 1, arbitrary: bend('cut', { share: fc.double({ min: 0, max: 0.99, noNaN: true }) }) },
    { weight: 1, arbitrary: bend('type', { type: fc.constantFrom(...TYPES) }) },
  ]
  const weighted = always.map((arbitrary) => ({ weight: 1, arbitrary }))
  return fc.oneof(...weighted, ...(hasBody ? ofBody : [{ weight: 1, arbitrary: bend('body', { text: fc.constantFrom(...BODIES) }) }]))
}

const queryValue = ({ name, schema }: Parameter): Arbitrary<unknown> =>
  fc.oneof({ weight: 3, arbitrary: valueOf(schema, { field: name, depth: 0 }) }, { weight: 1, arbitrary: hostileText.map((text) => text.slice(0, 3000)) })

/** Some of the parameters that an operation has, and now and then one that only others have. */
const queryOfPlan = (own: readonly Parameter[]): Arbitrary<Plan['query']> => {
  const foreign = [...queryParameters.values()].filter(({ name }) => !own.some((one) => one.name === name))
  const some = fc.subarray([...own], { maxLength: Math.min(3, own.length) })
  const more = fc.oneof({ weight: 5, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: fc.constantFrom(...foreign).map((one) => [one]) })
  return fc.tuple(some, more).chain(([chosen, others]) => {
    const wanted = new Set([...chosen, ...others, ...own.filter(({ required }) => required)])
    return fc.record(Object.fromEntries([...wanted].map((one) => [one.name, queryValue(one)])))
  })
}

const bodyOfPlan = ({ body, upgrades }: Operation): Arbitrary<unknown> => {
  if (upgrades) return framesOf
  return body ? valueOf(body.schema, { field: '', depth: 0 }) : fc.constant(undefined)
}

/** Requests for an operation: about half as the document allows, the others bent once or twice. */
export const planOf = (operation: Operation): Arbitrary<Plan> => {
  const { parameters, body } = operation
  const inPath = parameters.filter((one) => one.in === 'path')
  const inQuery = parameters.filter((one) => one.in === 'query')
  // `undefined`: as the known entity has it.
  const path = Object.fromEntries(
    inPath.map(({ name, schema }) => [
      name,
      fc.oneof({ weight: 12, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: valueOf(schema, { field: name, depth: 0 }) }),
    ]),
  )
  const unbent = fc.constant<readonly Twist[]>([])
  return fc.record({
    actor: fc.nat(30),
    entity: fc.oneof(fc.nat(2), fc.nat(30)),
    path: fc.record(path),
    query: queryOfPlan(inQuery),
    body: bodyOfPlan(operation),
    twists: fc.oneof({ weight: 3, arbitrary: unbent }, { weight: 4, arbitrary: fc.array(twist(body !== undefined), { minLength: 1, maxLength: 2 }) }),
  })
}

type Spot = { readonly holder: Record<string, unknown> | unknown[]; readonly key: string }

/** Every place inside a value, in order. */
const spotsOf = (value: unknown): Spot[] => {
  if (typeof value !== 'object' || value === null) return []
  const holder = value as Spot['holder']
  return Object.entries(value).flatMap(([key, inner]) => [{ holder, key }, ...spotsOf(inner)])
}

const bentBody = (given: unknown, twists: readonly Twist[]): string => {
  const root = { value: structuredClone(given) }
  for (const one of twists) {
    if (one.bend !== 'graft' && one.bend !== 'drop') continue
    const spots = spotsOf(root)
    const spot = spots[one.at % spots.length]
    if (!spot) continue
    if (one.bend === 'drop') Reflect.deleteProperty(spot.holder, spot.key)
    else Reflect.set(spot.holder, spot.key, one.value)
  }
  return written(JSON.stringify(root.value) ?? '')
}

const encoded = (text: string, as: 'utf16le' | 'latin1' | 'bom' | 'broken'): Buffer => {
  if (as === 'bom') return Buffer.from(`\ufeff${text}`)
  if (as === 'broken') return Buffer.from(text.replace(/[a-z]/, '\xff'), 'latin1')
  return Buffer.from(text, as)
}

const bentTarget = (target: string, twists: readonly Twist[]): string => {
  let [path = '', query = ''] = target.split('?')
  for (const one of twists) {
    if (one.bend === 'segment') {
      const parts = path.split('/')
      parts[1 + (one.at % (parts.length - 1))] = one.text
      path = parts.join('/')
    }
    if (one.bend === 'query') query = query === '' ? one.text : `${query}&${one.text}`
  }
  return query === '' ? path : `${path}?${query}`
}

export interface Prepared {
  readonly request: WireRequest
  readonly params: Readonly<Record<string, string>>
  /** Whether the connection itself was misused, so that the server may hang up without an answer. */
  readonly broken: boolean
}

/** Headers that change where a request ends: whoever sends them wrongly would wait for ever. */
const FRAMING = /^(content-length|transfer-encoding|expect|connection|upgrade)$/i

const component = (value: unknown): string => encodeURIComponent(String(value).toWellFormed())

const formOf = (value: unknown): string =>
  typeof value === 'object' && value !== null
    ? Object.entries(value)
        .map(([name, inner]) => `${component(name)}=${component(inner)}`)
        .join('&')
    : String(value)

const bodyOf = ({ body, upgrades }: Operation, plan: Plan, pool: Pool): Buffer | undefined => {
  if (upgrades) return Buffer.from(typeof plan.body === 'string' ? plan.body : '', 'latin1')
  const raw = plan.twists.find((one) => one.bend === 'body')
  if (raw) return Buffer.from(raw.text)
  if (!body) return undefined
  const value = pool.resolve(plan.body)
  const text = body.type.includes('form-urlencoded') ? formOf(value) : bentBody(value, plan.twists)
  const as = plan.twists.find((one) => one.bend === 'encoding')
  return as ? encoded(text, as.as) : Buffer.from(text)
}

const queryOf = (query: unknown): string =>
  Object.entries(query as object)
    .flatMap(([name, value]) => [value].flat().map((one) => `${component(name)}=${component(one)}`))
    .join('&')

const textIn = (value: unknown): string | undefined => (value === undefined ? undefined : typeof value === 'string' ? value : JSON.stringify(value))

const headersOf = (body: Buffer | undefined, type: string): WireRequest['headers'] => [
  ['Connection', 'close'],
  ...(body && type !== '' ? [['Content-Type', type] as const] : []),
  ...(body ? [['Content-Length', String(body.length)] as const] : []),
]

/** The bytes of a plan, with what the pool knows. */
export const prepare = (
  operation: Operation,
  plan: Plan,
  { pool, host, headers }: { readonly pool: Pool; readonly host: string; readonly headers: WireRequest['headers'] },
): Prepared => {
  const entity = pool.entity(operation.path, plan.entity)
  const names = [...operation.path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name)
  const params = Object.fromEntries(
    names.map((name) => [name, textIn(pool.resolve(plan.path[name])) ?? entity[name] ?? pool.value(name, plan.entity) ?? `no-${name}`]),
  )
  const path = operation.path.replace(/\{(\w+)\}/g, (_all, name: string) => component(params[name]))
  const query = queryOf(pool.resolve(plan.query))
  const body = bodyOf(operation, plan, pool)
  const type = plan.twists.find((one) => one.bend === 'type')?.type ?? operation.body?.type ?? 'application/json'
  const cut = plan.twists.find((one) => one.bend === 'cut')
  const more = plan.twists.flatMap((one) => (one.bend === 'header' ? [[one.name, one.value] as const] : []))
  const request: WireRequest = {
    method: plan.twists.find((one) => one.bend === 'method')?.method ?? operation.method,
    target: bentTarget(query === '' ? path : `${path}?${query}`, plan.twists),
    headers: [['Host', host], ...headers, ...(operation.upgrades ? HANDSHAKE : headersOf(body, type)), ...more],
    body,
    ...(cut && body && body.length > 0 && { cutAt: Math.floor(body.length * cut.share) }),
    ...((cut || more.some(([name]) => FRAMING.test(name))) && { halfClosed: true }),
  }
  return {
    request,
    params,
    broken: request.halfClosed === true || /[^\x20-\x7e]/.test(type) || more.length > 0 || request.target.length > 8000 || /[^\x21-\x7e]/.test(request.target),
  }
}
