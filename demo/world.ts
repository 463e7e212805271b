import type { Davit } from 'davit'
import type { Narrator } from './narrator.ts'

/** How the story goes on from a server that answers. */
export interface Answering {
  readonly client: Davit
  /** What the server said on stderr. */
  readonly said: readonly string[]
}

/** The images of the story, where its containers find them. */
export interface DemoImages {
  /** A shell and the usual tools. */
  readonly tools: string
  /** `hello-world:latest`; undefined where no registry can be reached in time. Settles by itself. */
  readonly hello: Promise<string | undefined>
  /** Removes what was not there before. */
  remove(): Promise<void>
}

/** What the story's containers run on. */
export interface World {
  /** Of `davit server`. */
  readonly flags: readonly string[]
  /** Brings the images in; when a server answers, so does what it runs containers on. */
  bringImages(server: Answering): Promise<DemoImages>
  /** The node port to ask for, where only this one leads from here to the service. */
  readonly nodePort?: number
  /** What to try while all is up, besides Davit's own commands. */
  readonly toTry: readonly string[]
}

export interface Making {
  readonly told: Narrator
  readonly signal: AbortSignal
  /** Undone last first, whatever happens. */
  readonly cleanups: (() => Promise<void> | void)[]
}
