import type { RawData, WebSocket } from 'ws'
import type { Caller } from '#service/access.ts'
import { fits, type Notification, type Notifications, parseTopic, type Topic } from '#service/notifications.ts'
import { agreedHeartBeat, agreedVersion, formatFrame, HEART_BEAT, parseFrames, type StompFrame } from './stomp.ts'
import { CLOSE, type StompWriter, stompWriter } from './stomp-writer.ts'

/** In ms: silence before CONNECT, our heart-beats, and how often it is asked again whether the caller still is who they were. */
const TIMES = { connect: 10_000, heartBeat: 10_000, prove: 60_000 } as const
const MAX_SUBSCRIPTIONS = 100

export interface SessionDeps {
  readonly socket: WebSocket
  readonly notifications: Notifications
  /** Takes the `Authorization` header of the CONNECT frame, where there is one. */
  readonly authenticate: (authorization: string | undefined) => Promise<Caller>
}

interface Subscription {
  readonly topic: Topic
  readonly destination: string
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : 'not authenticated')
const textOf = (data: RawData): string => (Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data as ArrayBuffer)).toString('utf8') // both other forms are views of bytes

/** One client's conversation, from CONNECT to the end of its connection. */
class StompSession {
  readonly #deps: SessionDeps
  readonly #out: StompWriter
  readonly #subscriptions = new Map<string, Subscription>()
  readonly #timers: NodeJS.Timeout[] = []
  #caller: Caller | undefined
  #heardAt = Date.now()
  #sent = 0
  /** What is told is told in the order in which it happened, however long each entity's reading takes. */
  #told: Promise<void> = Promise.resolve()

  constructor(deps: SessionDeps) {
    this.#deps = deps
    this.#out = stompWriter(deps.socket)
  }

  begin(): void {
    const { socket, notifications } = this.#deps
    const unsubscribe = notifications.subscribe((event, notification) => {
      const wanted = [...this.#subscriptions].filter(([, { topic }]) => this.#caller && fits(topic, event, this.#caller))
      if (wanted.length > 0 && this.#caller && notifications.maySee(this.#caller, event)) this.#tell(wanted, notification())
    })
    this.#timers.push(setTimeout(() => (this.#caller ? undefined : this.#out.fail('CONNECT did not come', CLOSE.policy)), TIMES.connect))
    // Frames are taken one after another, whatever each has to wait for.
    let taken: Promise<void> = Promise.resolve()
    socket.on('message', (data, isBinary) => {
      this.#heardAt = Date.now()
      this.#out.heard(isBinary)
      const frames = parseFrames(textOf(data))
      if (!frames) return this.#out.fail('this is no STOMP', CLOSE.protocol)
      for (const frame of frames) taken = taken.then(() => this.#take(frame))
    })
    socket.on('error', () => socket.terminate())
    socket.on('close', () => {
      unsubscribe()
      for (const timer of this.#timers) clearInterval(timer)
    })
  }

  #tell(wanted: readonly (readonly [string, Subscription])[], notification: Promise<Notification>): void {
    const send = (told: Notification): void => {
      const body = JSON.stringify(told)
      for (const [subscription, { destination }] of wanted)
        if (this.#subscriptions.has(subscription))
          this.#out.write(formatFrame('MESSAGE', { subscription, destination, 'message-id': String(++this.#sent), 'content-type': 'application/json' }, body))
    }
    notification.catch(() => undefined) // awaited below, when its turn comes
    this.#told = this.#told.then(() => notification).then(send, () => this.#out.fail('the entity cannot be read now', CLOSE.tooSlow))
  }

  async #take(frame: StompFrame): Promise<void> {
    if (this.#out.ended()) return
    if (this.#caller) this.#command(frame)
    else if (frame.command === 'CONNECT' || frame.command === 'STOMP')
      await this.#connect(frame).catch((error: unknown) => this.#out.fail(messageOf(error), CLOSE.policy))
    else return this.#out.fail('CONNECT comes first', CLOSE.protocol)
    if (frame.headers['receipt'] !== undefined) this.#out.write(formatFrame('RECEIPT', { 'receipt-id': frame.headers['receipt'] }))
    if (frame.command === 'DISCONNECT') this.#out.end(CLOSE.normal)
  }

  async #connect({ headers }: StompFrame): Promise<void> {
    const version = agreedVersion(headers['accept-version'])
    if (!version) return this.#out.fail('this server speaks STOMP 1.0, 1.1 and 1.2', CLOSE.protocol)
    const authorization = headers['Authorization'] ?? headers['authorization']
    this.#caller = await this.#deps.authenticate(authorization)
    const { send, expect } = agreedHeartBeat(headers['heart-beat'], TIMES.heartBeat)
    if (send > 0) this.#timers.push(setInterval(() => this.#out.write(HEART_BEAT), send))
    // Twice the agreed time: a client may be late.
    if (expect > 0) this.#timers.push(setInterval(() => (Date.now() - this.#heardAt > 2 * expect ? this.#out.end(CLOSE.policy) : undefined), expect))
    this.#timers.push(setInterval(() => void this.#prove(authorization), TIMES.prove))
    this.#out.write(formatFrame('CONNECTED', { version, 'heart-beat': `${TIMES.heartBeat},${TIMES.heartBeat}`, server: 'davit' }))
  }

  /** A token that was revoked, or a membership that ended, ends what is told too. */
  async #prove(authorization: string | undefined): Promise<void> {
    try {
      this.#caller = await this.#deps.authenticate(authorization)
    } catch (error) {
      this.#out.fail(messageOf(error), CLOSE.policy)
    }
  }

  #command(frame: StompFrame): void {
    if (frame.command === 'SUBSCRIBE') return this.#subscribe(frame)
    if (frame.command === 'UNSUBSCRIBE') return void this.#subscriptions.delete(frame.headers['id'] ?? '0')
    if (!['DISCONNECT', 'ACK', 'NACK'].includes(frame.command))
      this.#out.fail(`${frame.command} is nothing to do here: subscribe to /notifications/runs`, CLOSE.protocol)
  }

  #subscribe({ headers }: StompFrame): void {
    const { id = '0', destination = '' } = headers
    const topic = parseTopic(destination)
    if (!topic) return this.#out.fail(`there is no topic ${destination}`, CLOSE.policy)
    if (this.#subscriptions.size >= MAX_SUBSCRIPTIONS) return this.#out.fail(`more than ${MAX_SUBSCRIPTIONS} subscriptions`, CLOSE.policy)
    const { entity, project } = topic
    if (this.#caller && project !== undefined && !this.#deps.notifications.maySee(this.#caller, { entity, project }))
      return this.#out.fail(`${this.#caller.name} may not follow ${destination}`, CLOSE.policy)
    this.#subscriptions.set(id, { topic, destination })
  }
}

export const stompSession = (deps: SessionDeps): void => new StompSession(deps).begin()
