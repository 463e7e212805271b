import { isForeign, type ProjectVerb } from 'davit/contract'
import type { EntityEvent } from '#store/listen.ts'
import { type Caller, may } from './access.ts'
import type { ServiceDeps } from './deps.ts'
import { withOwnHistory } from './run-history.ts'
import { toFunction, toProject, toSecret, toTask } from './wire.ts'

/** What official clients get on their WebSocket: what happened, to which resource, and the entity as it is now. */
export interface Notification {
  readonly id: string
  readonly timestamp: number
  readonly user: string
  readonly action: EntityEvent['action']
  readonly resource: string
  readonly record: Record<string, unknown>
}

const READ = { project: 'project.read', function: 'function.read', task: 'task.read', run: 'run.read', secret: 'secret.list' } as const satisfies Record<
  EntityEvent['entity'],
  ProjectVerb
>
const RESOURCES = { projects: 'project', functions: 'function', tasks: 'task', runs: 'run', secrets: 'secret' } as const satisfies Record<
  string,
  EntityEvent['entity']
>

/** What a subscription is of: a resource, in one project or all, one id or all, everybody's or the subscriber's own. */
export interface Topic {
  /** Undefined: of what official clients follow and Davit never tells anything. */
  readonly entity: EntityEvent['entity'] | undefined
  readonly project: string | undefined
  readonly id: string | undefined
  readonly own: boolean
}

const isResource = (name: string): name is keyof typeof RESOURCES => Object.hasOwn(RESOURCES, name)

/** Followed by official clients on the connection that they follow all else on: there is nothing to tell of it, and no reason to hang up. */
const isSilent = (name: string): boolean => name === 'logs' || isForeign(name)

/**
 * `/notifications/runs`, `/notifications/runs/<id>`, the same below `/notifications/-/<project>`, and any of them below `/user` for the
 * subscriber's own. Undefined: there is no such topic.
 */
export const parseTopic = (destination: string): Topic | undefined => {
  const [, user, project, resource = '', id] = destination.match(/^(\/user)?\/notifications(?:\/-\/([^/]+))?\/([^/]+)(?:\/([^/]+))?$/) ?? []
  const entity = isResource(resource) ? RESOURCES[resource] : undefined
  return entity || isSilent(resource) ? { entity, project, id, own: user !== undefined } : undefined
}

export const fits = (topic: Topic, event: EntityEvent, caller: Pick<Caller, 'name'>): boolean =>
  topic.entity === event.entity &&
  (topic.project ?? event.project) === event.project &&
  (topic.id ?? event.id) === event.id &&
  (!topic.own || caller.name === event.user)

export type Subscriber = (event: EntityEvent, notification: () => Promise<Notification>) => void

export const notificationService = ({ store, newId }: Pick<ServiceDeps, 'store' | 'newId'>) => {
  const subscribers = new Set<Subscriber>()

  const READERS = {
    project: async ({ id }) => store.projects.find(id).then((row) => row && toProject(row)),
    function: async ({ project, id }) => store.functions.find(project, id).then((row) => row && toFunction(row)),
    task: async ({ project, id }) => store.tasks.find(project, id).then((row) => row && toTask(row)),
    run: async ({ project, id }) => store.runs.find(project, id).then((row) => row && withOwnHistory(store, row)),
    secret: async ({ project, id }) => store.secrets.find(project, id).then((row) => row && toSecret(row)),
  } as const satisfies Record<EntityEvent['entity'], (event: EntityEvent) => Promise<Record<string, unknown> | undefined>>

  const notificationOf = async (event: EntityEvent): Promise<Notification> => {
    const { entity, id, name, kind, project, user, action } = event
    const record = action === 'DELETE' ? undefined : await READERS[entity](event)
    return { id: newId(), timestamp: Date.now(), user, action, resource: `${entity}s`, record: record ?? { id, name, kind, project, user } }
  }

  return {
    /** Told of every change from now on, until the answer is called. The entity is read at most once, when the first wants it. */
    subscribe(subscriber: Subscriber): () => void {
      subscribers.add(subscriber)
      return () => void subscribers.delete(subscriber)
    },

    /** A change that the database tells of. */
    tell(event: EntityEvent): void {
      let read: Promise<Notification> | undefined
      for (const subscriber of subscribers) subscriber(event, () => (read ??= notificationOf(event)))
    },

    /** Whether a caller may know of an event, or follow a topic, in a project. */
    maySee: (caller: Caller, { entity, project }: Pick<Topic, 'entity'> & Pick<EntityEvent, 'project'>): boolean =>
      may(caller, entity ? READ[entity] : 'project.read', project),
  }
}
export type Notifications = ReturnType<typeof notificationService>
