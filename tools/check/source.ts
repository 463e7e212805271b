import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Comment, parseSync, type Program } from 'oxc-parser'
import { root } from '../command.ts'

/** A source file as text and tree (oxc's ESTree with TypeScript nodes; TypeScript 7 has no API to parse with). */
export interface Source {
  /** From the repository's root. */
  readonly file: string
  readonly text: string
  readonly program: Program
  readonly comments: readonly Comment[]
  /** 1-based line of an offset. */
  lineOf(offset: number): number
}

export const parseSource = (file: string, text: string): Source => {
  const { program, comments } = parseSync(file, text)
  const starts = [0, ...[...text.matchAll(/\n/g)].map(({ index }) => index + 1)]
  const lineOf = (offset: number): number => {
    const next = starts.findIndex((start) => start > offset)
    return next === -1 ? starts.length : next
  }
  return { file, text, program, comments, lineOf }
}

export const readSource = (file: string): Source => parseSource(file, readFileSync(join(root, file), 'utf8'))

/** A node of the tree, as far as a walk over all kinds can know it. */
export interface Node {
  readonly type: string
  readonly start: number
  readonly end: number
  readonly [key: string]: unknown
}

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && 'type' in value && 'start' in value

/** Every node below one, itself first, with its parent. */
export function* walk(node: unknown, parent?: Node): Generator<{ node: Node; parent: Node | undefined }> {
  if (!isNode(node)) return
  yield { node, parent }
  for (const child of Object.values(node).flat()) yield* walk(child, node)
}
