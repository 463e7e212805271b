import type { Kysely } from 'kysely'
import { attemptRepo } from './attempts.ts'
import { auditRepo } from './audit.ts'
import { functionRepo } from './functions.ts'
import { loginFailureRepo } from './login-failures.ts'
import { logRepo } from './logs.ts'
import { metricRepo } from './metrics.ts'
import { placeRepo } from './places.ts'
import { memberRepo } from './members.ts'
import { projectRepo } from './projects.ts'
import { runRepo } from './runs.ts'
import type { DB } from './schema.ts'
import { searchRepo } from './search.ts'
import { secretRepo } from './secrets.ts'
import { sessionRepo } from './sessions.ts'
import { settingRepo } from './settings.ts'
import { signingKeyRepo } from './signing-keys.ts'
import { taskRepo } from './tasks.ts'
import { tokenRepo } from './tokens.ts'
import { userRepo } from './users.ts'

const repos = (db: Kysely<DB>) => ({
  projects: projectRepo(db),
  members: memberRepo(db),
  functions: functionRepo(db),
  tasks: taskRepo(db),
  runs: runRepo(db),
  attempts: attemptRepo(db),
  logs: logRepo(db),
  secrets: secretRepo(db),
  audit: auditRepo(db),
  metrics: metricRepo(db),
  search: searchRepo(db),
  places: placeRepo(db),
  settings: settingRepo(db),
  users: userRepo(db),
  tokens: tokenRepo(db),
  sessions: sessionRepo(db),
  loginFailures: loginFailureRepo(db),
  signingKeys: signingKeyRepo(db),
})
export type Repos = ReturnType<typeof repos>

/** All repos, and transactions over them. No network call but to the database happens inside one. */
export const store = (db: Kysely<DB>) => ({
  ...repos(db),
  transact: <T>(work: (inside: Repos) => Promise<T>): Promise<T> => db.transaction().execute((transaction) => work(repos(transaction))),
})
export type Store = ReturnType<typeof store>
