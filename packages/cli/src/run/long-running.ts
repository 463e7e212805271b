import { isReady } from 'davit'
import { type Action, isFinal } from 'davit/contract'
import type { Context } from '#runner/command.ts'
import { exitCodeOfRun } from '#runner/exit-code.ts'
import { runView, urlsOf } from '#views/run-view.ts'
import { narrateUntil } from './follow.ts'
import { nextCommands, verdictLines } from './narrate.ts'
import { submit } from './submit.ts'
import { workloadEnvs } from './workload-envs.ts'
import type { WorkloadInput } from './workload-flags.ts'
import { workloadSpec } from './workload-spec.ts'

/** Submits a deployment or a service, waits until it is ready (not with `detach`), and prints where it answers, or its id. */
export const startLongRunning = async (
  context: Context<WorkloadInput & { readonly detach: boolean }>,
  action: Extract<Action, 'deploy' | 'serve'>,
): Promise<number> => {
  const { input, out, io } = context
  const workload = workloadSpec(input, { envs: await workloadEnvs(input, io), action })
  const submitted = await submit(context, { action, name: input.name, workload })
  await out.say(`run ${submitted.id} of ${workload.functionName} in project ${context.project}`)
  const run = input.detach ? submitted : await narrateUntil({ scope: context, out, run: submitted }, isReady)
  const urls = urlsOf(run)
  const ended = isFinal(run.status.state)
  if (!ended || !out.human) await out.one(runView, run, () => `${urls.length > 0 ? urls.join('\n') : run.id}\n`)
  if (run.status.verdict && ended) for (const line of verdictLines(run.status.verdict, out.stderrColors)) await out.warn(line)
  if (!ended) for (const line of nextCommands(run)) await out.say(line)
  return exitCodeOfRun(run)
}
