import { DavitError, isEmbedded } from 'davit/contract'

/**
 * That something of a kind which Davit does not have cannot be made. The SDK ends the import of a project at any refusal of what is embedded in it,
 * unless the answer says that it is there already (400 with `Duplicated entity`): so the rest of the project is imported, and nothing is claimed.
 */
export const noSuchSpec = (entity: unknown, hint: string): DavitError =>
  isEmbedded(entity)
    ? new DavitError('invalid', 'No such spec.', { path: 'kind', hint: `${hint}; importing its project passes over it as over a Duplicated entity` })
    : new DavitError('not_found', 'No such spec.', { path: 'kind', hint })
