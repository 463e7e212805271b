import { createServer } from 'node:http'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { testProvider } from '#http/testing/identity-provider.ts'
import { provider } from './provider.ts'

const CALLBACK = 'http://127.0.0.1:1/auth/callback'
/** Loopback where only this process listens, so that nobody takes the port of a provider that is away. */
const OWN_ADDRESS = process.platform === 'linux' ? `127.${64 + (process.pid >> 16)}.${(process.pid >> 8) & 255}.${process.pid & 255}` : '127.0.0.1'
const settings = (issuer: string) => ({
  issuer,
  clientId: 'davit',
  clientSecret: undefined,
  audience: 'davit',
  nameClaim: 'preferred_username',
  rolesClaim: 'roles',
  adminRole: 'davit-admin',
})

test('a provider that is away is told as that, and not as a wrong token or login', async () => {
  const there = await testProvider({ host: OWN_ADDRESS })
  const mine = provider(settings(there.issuer))
  const { url, ...pending } = await mine.begin(CALLBACK)
  const back = new URL((await fetch(url, { redirect: 'manual' })).headers.get('location') ?? '')
  const token = await there.token({ sub: 'u1', preferred_username: 'ann' })
  await there.close()
  await expect(mine.verify(token)).rejects.toMatchObject({ code: 'unavailable' })
  await expect(mine.finish(back, pending)).rejects.toMatchObject({ code: 'unavailable' })

  const sick = createServer((_request, response) => response.writeHead(502).end('bad gateway')).listen(Number(new URL(there.issuer).port), OWN_ADDRESS)
  await once(sick, 'listening')
  await expect(mine.verify(token)).rejects.toMatchObject({ code: 'unavailable' })
  await expect(mine.finish(back, pending)).rejects.toMatchObject({ code: 'unavailable' })
  sick.closeAllConnections()
  sick.close()
})

test('a provider that says no is told as a no', async () => {
  const there = await testProvider()
  const mine = provider(settings(there.issuer))
  for (const token of ['opaque', await there.token({ sub: 'u1' }, { forged: true }), await there.token({ sub: 'u1' }, { expires: '-1m' })])
    await expect(mine.verify(token)).rejects.toMatchObject({ code: 'unauthenticated' })
  const { url: _, ...pending } = await mine.begin(CALLBACK)
  const back = new URL(`${CALLBACK}?${new URLSearchParams({ code: 'forged', state: pending.state, iss: there.issuer })}`)
  await expect(mine.finish(back, pending)).rejects.toMatchObject({ code: 'unauthenticated' })
  await there.close()
})
