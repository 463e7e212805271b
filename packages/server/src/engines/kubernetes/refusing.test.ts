import { DavitError } from 'davit/contract'
import { expect, test } from 'vitest'
import { EngineTrouble } from '#domain/engine-trouble.ts'
import { kubeErrorOf } from './client/kube-error.ts'
import { refusing, refusingStream } from './refusing.ts'

const words = 'pods "a" is forbidden: User "davit" cannot get resource "pods/log" in API group "" in the namespace "n"'
const forbidden = kubeErrorOf({ message: words }, 403)
const refused = { code: 'access-refused', evidence: [words] }

/** How a run tells of a verb that fails so. */
const toldOf = async (error: Error): Promise<unknown> => {
  const verb = refusing(async () => Promise.reject(error))
  return verb().catch((thrown: unknown) => new EngineTrouble(thrown).told)
}

test('what Davit may not do in a cluster is told as that, in the API server’s words', async () => {
  expect(await toldOf(forbidden)).toEqual(refused)
  expect(await toldOf(new DavitError('unavailable', 'The pods of the cluster were not read yet', { cause: forbidden }))).toEqual(refused)
  const read = refusingStream(async function* () {
    yield 1
    throw forbidden
  })
  const all = Array.fromAsync(read())
  await expect(all.catch((error: unknown) => new EngineTrouble(error).told)).resolves.toEqual(refused)
})

test.each([
  kubeErrorOf({ message: 'etcdserver: leader changed' }, 500),
  kubeErrorOf({ message: 'container "main" in pod "a" is waiting to start' }, 400),
  new DavitError('unavailable', 'The API server does not answer'),
])('everything else is an engine that does not answer: %s', async (error) => {
  expect(await toldOf(error)).toEqual({ code: 'engine-unreachable', evidence: [error.message] })
})
