import { VERDICT_CODES, type Verdict, type VerdictCode } from 'davit/contract'

/** What hints may speak of. */
export interface VerdictContext {
  readonly image?: string
  readonly exitCode?: number
  readonly memoryLimit?: number | undefined
  readonly ports?: readonly number[]
  /** The engine is a cluster of other machines, not one that its user works on. */
  readonly cluster?: boolean
}

const mebibytes = (bytes: number | undefined): string => (bytes === undefined ? "the engine's memory" : `${Math.round(bytes / 2 ** 20)}Mi`)

/** What well-known exit codes mean; from shells' and signals' convention. */
const EXIT_HINTS: Readonly<Record<number, (context: VerdictContext) => string>> = {
  125: () => 'The process inside could not be started. Look at its log.',
  126: () => 'A command in the container was found but cannot be executed: check its permissions and its #! line.',
  127: () => 'A command in the container was not found: check its name, and what the image holds.',
  134: () => 'The process aborted itself (SIGABRT). Its log says why.',
  // An engine may never hear that memory was too little: with a limit, "not by its limit" would be more than is known.
  137: ({ memoryLimit }) =>
    memoryLimit === undefined
      ? 'The process was killed (SIGKILL), not by a memory limit of its own.'
      : `The process was killed (SIGKILL). If nobody did that, it may have needed more memory than its ${mebibytes(memoryLimit)}: an engine misses that now and then.`,
  139: () => 'The process crashed (SIGSEGV).',
  143: () => 'The process was asked to end (SIGTERM) from outside Davit.',
}

const HINTS = {
  'image-not-found': ({ image, cluster }) =>
    cluster
      ? `Check the name and tag of ${image}, and push it to its registry: that is where nodes get it from.`
      : `Check the name and tag of ${image}; build or load it on this machine, or push it to its registry.`,
  'image-registry-unreachable': ({ image, cluster }) =>
    cluster
      ? `Check the registry's name in ${image}, and whether the nodes reach it.`
      : `Check the network and the registry's name in ${image}; or load the image on this machine and run again.`,
  'image-access-denied': ({ image, cluster }) =>
    cluster
      ? `Name in image_pull_secrets a secret with a login for the registry of ${image} (kubectl create secret docker-registry makes one in the run's namespace), or make the image public.`
      : `Log in to the registry of ${image} on the engine, or make the image public.`,
  'image-bad-name': ({ image }) => `Write ${image} as [registry/]name[:tag] in lower case, for instance python:3.12.`,
  'command-not-found': () =>
    'Check command and entrypoint against what the image holds; text is one word, never split by a shell: use ["sh", "-c", "…"] for a line of shell.',
  'command-not-executable': () => 'The file exists but cannot be executed: set its x bit, fix its #! line, or use an image for the machine that runs it.',
  'exit-nonzero': (context) => EXIT_HINTS[context.exitCode ?? 0]?.(context) ?? 'davit logs shows all that it wrote.',
  'oom-killed': ({ memoryLimit }) => `It had ${mebibytes(memoryLimit)}. Give it more with resources.mem, or make it use less.`,
  'crash-loop': () => 'A deploy or serve must keep running. If it is meant to end, run it as a job; else its log says why it ends.',
  'node-port-taken': () => 'Leave node_port out so that a free port is chosen, or stop what holds the port.',
  'port-not-listening': ({ ports }) => `Make the process listen on 0.0.0.0:${ports?.join(', ') ?? ''} (not on 127.0.0.1), or correct target_port.`,
  'config-refused': () => 'The evidence is what the engine said; change the parameter it names.',
  'disk-full': ({ cluster }) =>
    cluster
      ? "Free space on the node's disk, or add a node. The run goes on by itself then."
      : "Free space on the engine's disk (docker system df shows what uses it). The run goes on by itself then.",
  'secret-missing': () => 'Create it with davit secret set NAME, then run again.',
  'workload-removed': () => 'Run it again; leave containers named davit-… to Davit.',
  'engine-unreachable': () => 'Nothing is lost: the run goes on when the engine answers again. davit doctor shows what is wrong with it.',
  'unschedulable-cpu': () => 'Ask for less with resources.cpu, free some, or add a node. It starts by itself when there is room.',
  'unschedulable-memory': () => 'Ask for less with resources.mem, free some, or add a node. It starts by itself when there is room.',
  'unschedulable-gpu': () => 'Wait for a GPU to become free, ask for fewer with resources.gpu, or add a node that has some.',
  'unschedulable-selector': () => 'Correct node_selector, or label a node so: kubectl get nodes --show-labels shows what there is.',
  'unschedulable-affinity': () => 'Loosen affinity, or make a node (or the other containers it speaks of) fit.',
  'unschedulable-taint': () => 'Add a toleration for the taint that the evidence names, or use other nodes.',
  'unschedulable-volume': () => 'The volume is bound to a zone or node that is full or away; or its claim does not exist.',
  unschedulable: () => 'The evidence is what the scheduler said. It starts by itself when that changes.',
  'quota-exceeded': () => 'Wait until something else ends, ask for less, or have the quota raised. It starts by itself then.',
  'admission-refused': () => 'The evidence is what the API server said; change the parameter it names.',
  'access-refused': () => "Give Davit's account the verb that the evidence names: deploy/rbac.yaml holds all that it needs.",
  'needs-root': () => 'Set run_as_user to a user of the image that is not 0, or use an image that does not run as root.',
  'config-missing': () => 'Create what the evidence names, or correct its name. It starts by itself then.',
  'volume-pending': () => 'Check its storage class and size: the evidence is what the cluster said about the claim. It starts by itself when bound.',
  'start-failed': () => 'The evidence is what the cluster said. What may pass by itself is tried again.',
  'namespace-missing': () => 'Create the namespace, or name another one in the configuration. The run goes on by itself then.',
  'cluster-unknown': () => 'Name one of the clusters of the configuration; davit doctor lists them.',
  'service-name-taken': () => 'Choose another service_name, or delete what holds it.',
  evicted: () => 'The evidence is what the node said. Ask for what it really needs with resources, and set backoff_limit to try again by itself.',
  preempted: () => 'Give it a higher priority_class, and set backoff_limit to try again by itself.',
  'node-lost': () => 'Nothing is decided yet: when the node is back, or is removed from the cluster, the run goes on.',
  'rollout-stuck': () => 'The evidence is what the cluster said; look at the containers below.',
  'partly-available': () => 'Those that are available go on serving; the evidence says what keeps the others.',
  'deadline-exceeded': () => 'Give it more time with active_deadline_seconds, or make it faster.',
  suspended: () => 'It goes on when the job is resumed there, or the deployment has replicas again; or stop the run.',
  'stopped-by-user': () => 'Run it again when you need it.',
} as const satisfies Record<VerdictCode, (context: VerdictContext) => string>

/** Titles that name the thing make a sentence that stands alone. */
const TITLES: Partial<Record<VerdictCode, (context: VerdictContext) => string>> = {
  'image-not-found': ({ image }) => `The image ${image} does not exist`,
  'image-registry-unreachable': ({ image }) => `The registry of image ${image} cannot be reached`,
  'image-access-denied': ({ image }) => `The registry refuses access to the image ${image}`,
  'image-bad-name': ({ image }) => `${image} is not a valid image name`,
  'exit-nonzero': ({ exitCode }) => `The container ended with exit code ${exitCode}`,
}

const titleOf = (code: VerdictCode, context: VerdictContext): string => TITLES[code]?.(context) ?? VERDICT_CODES[code].title

export const verdict = (code: VerdictCode, evidence: readonly string[], context: VerdictContext = {}): Verdict => ({
  code,
  title: titleOf(code, context),
  evidence: [...evidence],
  hint: HINTS[code](context),
  ...(context.exitCode !== undefined && { exit_code: context.exitCode }),
})

/** One line for `status.message`, which old clients show: of a log's last lines the very last, else the first evidence. */
export const sentence = ({ code, title, evidence, hint }: Verdict): string =>
  [title, code === 'exit-nonzero' ? evidence.at(-1) : evidence[0]].filter(Boolean).join(': ').concat(`. ${hint}`)
