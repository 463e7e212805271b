import * as z from 'zod'
import { refuseDuplicates, runParameters } from './parameters.ts'

const { resources, node_selector, affinity, tolerations, volumes, runtime_class, priority_class } = runParameters
const { labels, annotations, env, image_pull_secrets, service_account, pod_security } = runParameters

/**
 * A template of run parameters that the operator names, and a run takes with `profile`: what a container gets and where it runs,
 * never what it does.
 */
export const Profile = z
  .strictObject({
    resources,
    node_selector,
    affinity,
    tolerations,
    volumes,
    runtime_class,
    priority_class,
    labels,
    annotations,
    env,
    image_pull_secrets,
    service_account,
    pod_security,
  })
  .superRefine(refuseDuplicates)
export type Profile = z.infer<typeof Profile>
