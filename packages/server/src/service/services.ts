import { accountService } from './account.ts'
import { auditService } from './audit-log.ts'
import type { ServiceDeps } from './deps.ts'
import { everywhereService } from './everywhere.ts'
import { foreignService } from './foreign.ts'
import { functionService } from './functions.ts'
import { metricService } from './metrics.ts'
import { notificationService } from './notifications.ts'
import { keyRotationService } from './key-rotation.ts'
import { memberService } from './members.ts'
import { projectService } from './projects.ts'
import { refusalService } from './refusals.ts'
import { refreshTokenService } from './refresh-tokens.ts'
import { runLogService } from './run-logs.ts'
import { runService } from './runs.ts'
import { schemaService } from './schemas.ts'
import { searchService } from './search.ts'
import { secretService } from './secrets.ts'
import { type ServerServiceDeps, serverService } from './server.ts'
import { shareService } from './shares.ts'
import { taskService } from './tasks.ts'
import { tokenService } from './tokens.ts'
import { usageService } from './usage.ts'
import { userService } from './users.ts'

/** Every verb of the API. */
export const services = (deps: ServiceDeps, server: ServerServiceDeps) => ({
  projects: projectService(deps),
  functions: functionService(deps),
  tasks: taskService(deps),
  runs: runService(deps),
  runLogs: runLogService(deps),
  secrets: secretService(deps),
  server: serverService(server),
  shares: shareService(deps),
  metrics: metricService(deps),
  search: searchService(deps),
  schemas: schemaService(),
  everywhere: everywhereService(deps),
  foreign: foreignService(deps),
  notifications: notificationService(deps),
  account: accountService(deps),
  usage: usageService(deps),
  users: userService(deps),
  tokens: tokenService(deps),
  refreshTokens: refreshTokenService(deps),
  members: memberService(deps),
  audit: auditService(deps),
  keys: keyRotationService(deps),
  refusals: refusalService(deps),
})
export type Services = ReturnType<typeof services>
