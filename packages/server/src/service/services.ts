import type { ServiceDeps } from './deps.ts'
import { functionService } from './functions.ts'
import { projectService } from './projects.ts'
import { runLogService } from './run-logs.ts'
import { runService } from './runs.ts'
import { secretService } from './secrets.ts'
import { type ServerServiceDeps, serverService } from './server.ts'
import { taskService } from './tasks.ts'

/** Every verb of the API. */
export const services = (deps: ServiceDeps, server: ServerServiceDeps) => ({
  projects: projectService(deps),
  functions: functionService(deps),
  tasks: taskService(deps),
  runs: runService(deps),
  runLogs: runLogService(deps),
  secrets: secretService(deps),
  server: serverService(server),
})
export type Services = ReturnType<typeof services>
