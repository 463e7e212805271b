import { z } from 'zod'
import { type EngineAddress, engineCall } from './engine-call.ts'

const Containers = z.array(z.object({ Id: z.string(), State: z.string() }))
const Networks = z.array(z.object({ Id: z.string(), Name: z.string(), Driver: z.string(), Options: z.record(z.string(), z.string()).nullish() }))

export interface Inventory {
  readonly containers: readonly string[]
  readonly running: readonly string[]
  /** Ids of networks that somebody made. */
  readonly networks: readonly string[]
  /** Names of the bridges behind them. */
  readonly links: readonly string[]
}

/** The networks every engine has. */
const BUILT_IN = ['bridge', 'host', 'none']

/** What an engine has now. Rejects when it does not answer. */
export const inventory = async (address: EngineAddress): Promise<Inventory> => {
  const containers = Containers.parse(JSON.parse((await engineCall({ address, path: '/containers/json?all=1' })).body))
  const networks = Networks.parse(JSON.parse((await engineCall({ address, path: '/networks' })).body)).filter(({ Name }) => !BUILT_IN.includes(Name))
  return {
    containers: containers.map(({ Id }) => Id),
    running: containers.filter(({ State }) => ['running', 'paused', 'restarting'].includes(State)).map(({ Id }) => Id),
    networks: networks.map(({ Id }) => Id),
    links: networks
      .filter(({ Driver }) => Driver === 'bridge')
      .map(({ Id, Options }) => Options?.['com.docker.network.bridge.name'] ?? `br-${Id.slice(0, 12)}`),
  }
}

/** Removes all containers, running ones too, and all networks. Failures are left for the caller to see in the next inventory. */
export const removeAll = async (address: EngineAddress): Promise<void> => {
  const { containers, networks } = await inventory(address)
  for (const id of containers) await engineCall({ address, method: 'DELETE', path: `/containers/${id}?force=1&v=1`, timeout: 30_000 }).catch(() => undefined)
  for (const id of networks) await engineCall({ address, method: 'DELETE', path: `/networks/${id}` }).catch(() => undefined)
}
