import { DavitError } from 'davit/contract'
import { CONSEQUENCES, DELETERS } from '#manifest/delete-entity.ts'
import { documentName, kindOfDocument } from '#manifest/document.ts'
import { readManifest } from '#manifest/read-manifest.ts'
import { type Kind, KIND_WORDS, parseKind } from '#run/kinds.ts'
import { command, type Context, optional } from '#runner/command.ts'
import { confirm } from '#runner/confirm.ts'
import { invalid } from '#runner/invalid.ts'
import { flag, list } from '#runner/option.ts'

interface Input {
  readonly kind: string | undefined
  readonly name: string | undefined
  readonly file: readonly string[]
  readonly cascade: boolean
  readonly ignoreNotFound: boolean
  readonly yes: boolean
}

interface Target {
  readonly kind: Kind
  readonly name: string
  readonly project: string
}

const targetsOf = async ({ input, io, project }: Context<Input>): Promise<readonly Target[]> => {
  if (input.file.length > 0 && input.kind !== undefined) throw invalid('give either a kind and a name, or --file')
  if (input.file.length === 0) {
    if (input.kind === undefined || input.name === undefined)
      throw invalid('what is to be deleted?', { hint: 'as `davit delete function hello`, or `davit delete -f file.yaml`' })
    return [{ kind: parseKind(input.kind), name: input.name, project }]
  }
  const documents = await readManifest(input.file, io)
  // What depends on others goes first: the opposite of `apply`.
  return documents.toReversed().flatMap((document) => {
    const name = documentName(document)
    return name === undefined ? [] : [{ kind: kindOfDocument(document), name, project: document.project ?? project }]
  })
}

const isNotFound = (error: unknown): boolean => error instanceof DavitError && error.code === 'not_found'

export const remove = command({
  name: 'delete',
  group: 'change',
  summary: 'Delete an entity by its name, or all that a file names',
  args: { kind: optional(`What: ${KIND_WORDS.join(', ')}`, KIND_WORDS), name: optional('Which', 'run') },
  options: {
    file: list('-f, --file <path>', 'All that this file names; - is stdin. Repeatable'),
    cascade: flag('--cascade', 'A project with all that is in it'),
    ignoreNotFound: flag('--ignore-not-found', 'What is not there is no error'),
    yes: flag('-y, --yes', 'Do not ask'),
  },
  examples: ['davit delete function hello-world', 'davit delete project demo --cascade --yes', 'davit delete -f app.yaml -y'],
  run: async (context) => {
    const { input, out, io } = context
    const targets = await targetsOf(context)
    const shown = targets.map(({ kind, name }) => `${kind} ${name} and ${CONSEQUENCES[kind]}`)
    await confirm(io, `Delete ${shown.join(', ')}?`, input.yes)
    for (const { kind, name, project } of targets) {
      try {
        await DELETERS[kind]({ ...context, project }, name, { cascade: input.cascade })
        await out.item(
          { kind: 'Deleted', nameOf: () => name, columns: [] },
          { kind: 'Deleted', deleted: { kind, name, project } },
          () => `${kind} ${name} deleted\n`,
        )
      } catch (error) {
        if (!input.ignoreNotFound || !isNotFound(error)) throw error
        await out.say(`${kind} ${name} is not there`)
      }
    }
  },
})
