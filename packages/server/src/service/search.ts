import type { Paging } from '#store/list.ts'
import { assertMay, type Caller } from './access.ts'
import type { ServiceDeps } from './deps.ts'
import { noSuchProject } from './projects.ts'
import { searchTerms } from './search-terms.ts'
import { toFound } from './wire.ts'

export const searchService = ({ store }: ServiceDeps) => ({
  /** What fits the text and all filters; of functions the latest version. Last changed first. */
  async items(caller: Caller, project: string, { query, filters, paging }: { query: string | undefined; filters: readonly string[]; paging: Paging }) {
    assertMay(caller, 'project.read', project)
    if (!(await store.projects.find(project))) throw noSuchProject(project)
    const terms = searchTerms(query, filters)
    if (terms.types?.length === 0) return { content: [], total: 0 }
    // Sorting by what only Solr knows (`score`, `metadata.…`) is not refused: the order is ours.
    const { rows, total } = await store.search.find(project, terms, { page: paging.page, size: paging.size })
    return { content: rows.map(toFound), total }
  },
})
