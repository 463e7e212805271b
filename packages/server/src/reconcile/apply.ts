import type { Verdict } from 'davit/contract'
import type { Refusal } from '#domain/engine.ts'
import { asking } from '#domain/engine-trouble.ts'
import { contextOf } from '#domain/judge.ts'
import { choicesOf } from '#domain/policy.ts'
import { retryRefusedInMs } from '#domain/patience.ts'
import { sentence, verdict } from '#domain/verdict.ts'
import { type Secrets, secretNamesOf, type Workload } from '#domain/workload.ts'
import type { AttemptRow } from '#store/attempts.ts'
import { type Look, type Next, reread, show } from './context.ts'

/** How long to wait for a hint while the engine works in the background, before asking again. */
const BACKGROUND_LOOK_MS = 2000

const verdictOfRefusal = ({ code, evidence }: Refusal, { workload, deps }: Look): Verdict =>
  verdict(code, evidence, contextOf(workload, { cluster: deps.engine.can.clusters }))

/** A no that will not change: the attempt failed, and left nothing at the engine. */
async function refuse(look: Look, attempt: AttemptRow, refusal: Refusal): Promise<Next> {
  const { deps, held, run } = look
  const why = verdictOfRefusal(refusal, look)
  const ended = deps.now()
  await deps.store.runs.move(run, {
    to: 'ERROR',
    token: held.token,
    message: sentence(why),
    status: { ...run.status, phase: 'finished', verdict: why, message: sentence(why) },
    attempt: { number: attempt.number, set: { outcome: 'failed', ended, logs_stored: true } },
  })
  return reread(look)
}

export async function secretsFor({ deps, run, workload }: Look): Promise<{ secrets: Secrets; missing: readonly string[] }> {
  const names = secretNamesOf(workload)
  const secrets = await deps.secretsOf(run.project, names)
  return { secrets, missing: names.filter((name) => secrets[name] === undefined) }
}

/** The workload as its project wants it now, where the engine can hold a project to that. */
async function wantedOf({ deps, run, workload }: Look): Promise<Workload> {
  const project = deps.engine.holdsProjects ? await deps.store.projects.find(run.project) : undefined
  return { ...workload, projectSecurity: project && choicesOf(project.spec).pod_security }
}

/** Asks the engine to make the attempt real, and writes into the ledger what it made. */
export async function apply(look: Look): Promise<Next> {
  const { deps, held, run, attempt } = look
  if (!attempt) return reread(look)
  const { secrets, missing } = await secretsFor(look)
  if (missing.length > 0)
    return refuse(look, attempt, { code: 'secret-missing', evidence: missing.map((name) => `secret ${name} has no value in project ${run.project}`) })
  const wanted = await wantedOf(look)
  held.assert()
  const applied = await asking(deps.engine.apply(wanted, secrets, held.signal))
  if ('refused' in applied) {
    const wait = retryRefusedInMs(applied.refused.code, deps.now().getTime() - attempt.created.getTime())
    if (wait === undefined) return refuse(look, attempt, applied.refused)
    return (await show(look, { ...run.status, phase: 'retrying', verdict: verdictOfRefusal(applied.refused, look) })) ? { againInMs: wait } : reread(look)
  }
  // What was refused before is tried again: until it works, the reason stays in sight.
  const phase = run.status.verdict ? 'retrying' : undefined
  if (!applied.done)
    return (await show(look, { ...run.status, phase: phase ?? applied.phase, message: applied.detail })) ? { againInMs: BACKGROUND_LOOK_MS } : reread(look)
  const made = { uid: applied.uid }
  const { verdict: _past, message: _said, ...rest } = run.status
  const moved =
    run.state === 'READY' &&
    (await deps.store.runs.move(run, {
      to: 'PENDING',
      token: held.token,
      status: { ...rest, phase: 'starting' },
      attempt: { number: attempt.number, set: made },
    }))
  if (moved) return { run: moved, attempt: { ...attempt, ...made } }
  // A user was faster, or it is made once more: the ledger must know of it all the same.
  await deps.store.attempts.change(run.id, attempt.number, { token: held.token, set: made })
  return reread(look)
}
