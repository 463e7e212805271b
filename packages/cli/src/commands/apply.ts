import { APPLY_ORDER, type Outcome, PLANS } from '#manifest/apply-document.ts'
import { type Document, documentName, kindOfDocument } from '#manifest/document.ts'
import { readManifest } from '#manifest/read-manifest.ts'
import { command } from '#runner/command.ts'
import { invalid } from '#runner/invalid.ts'
import { flag, list } from '#runner/option.ts'
import type { View } from '#runner/table.ts'

interface Applied {
  readonly kind: string
  readonly project: string
  readonly name: string
  readonly outcome: Outcome
  readonly dry_run: boolean
}

const appliedView: View<Applied> = {
  kind: 'Applied',
  nameOf: ({ kind, name }) => `${kind}/${name}`,
  columns: [
    { header: 'KIND', cell: ({ kind }) => kind },
    { header: 'NAME', cell: ({ name }) => name },
    { header: 'PROJECT', wide: true, cell: ({ project }) => project },
    { header: 'RESULT', cell: ({ outcome, dry_run }) => `${outcome}${dry_run ? ' (dry run)' : ''}` },
  ],
}

const inOrder = (documents: readonly Document[]): readonly Document[] =>
  APPLY_ORDER.flatMap((kind) => documents.filter((document) => kindOfDocument(document) === kind))

export const apply = command({
  name: 'apply',
  group: 'run',
  summary: 'Make what a YAML or JSON file says: projects, functions, runs, secrets',
  options: {
    file: list('-f, --file <path>', 'The file; - is stdin. Repeatable'),
    dryRun: flag('--dry-run', 'Say what would be done, do nothing'),
  },
  examples: ['davit apply -f app.yaml --dry-run', 'davit get function hello -o yaml | davit apply -f -'],
  run: async (context) => {
    const { input, out, io, client, signal, project: defaultProject } = context
    if (input.file.length === 0) throw invalid('which file?', { hint: 'as `davit apply -f app.yaml`; - reads stdin' })
    const documents = inOrder(await readManifest(input.file, io))
    const pending = new Set<string>()
    const applied: Applied[] = []
    if (!input.dryRun && documents.some((document) => document.project === undefined && kindOfDocument(document) !== 'project'))
      await client.projects.getOrCreate(defaultProject, {}, { signal })
    try {
      for (const document of documents) {
        const kind = kindOfDocument(document)
        const project = kind === 'project' ? (documentName(document) ?? '') : (document.project ?? defaultProject)
        const { outcome, act } = await PLANS[kind]({ client, project, signal }, document, pending)
        if (!input.dryRun) await act()
        else if (kind === 'function' && outcome !== 'unchanged') pending.add(documentName(document) ?? '')
        applied.push({ kind: document.kind, project, name: documentName(document) ?? '', outcome, dry_run: input.dryRun })
      }
    } finally {
      // What was done before a failure was done: it is said in any case.
      if (applied.length > 0) await out.list(appliedView, applied)
    }
  },
})
