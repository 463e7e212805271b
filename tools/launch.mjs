import { runTool } from './launch/child.mjs'
import { LaunchError, root, say } from './launch/ground.mjs'
import { install } from './launch/install.mjs'
import { nodeBinary } from './launch/node.mjs'

/** The tools, and what each runs on the Node of the lockfile. This file and ./launch run on any Node ≥ 20, before anything is installed. */
const TOOLS = {
  demo: 'demo/main.ts',
  test: 'tools/test.ts',
  check: 'tools/check.ts',
  bench: 'bench/main.ts',
  testbed: 'testbed/kubernetes/main.ts',
  build: 'tools/build.ts',
  format: 'tools/format.ts',
  openapi: 'tools/openapi.ts',
}

const main = async ([name, ...args]) => {
  const file = Object.hasOwn(TOOLS, name ?? '') ? TOOLS[name] : undefined
  if (!file) throw new LaunchError(`there is no tool ${name ?? '(none given)'}`, `one of: ${Object.keys(TOOLS).join(', ')}`, 2)
  await install()
  return runTool(nodeBinary(), ['--conditions=@davit/source', '--disable-warning=ExperimentalWarning', file, ...args], { cwd: root })
}

try {
  const end = await main(process.argv.slice(2))
  if (end.signal) process.kill(process.pid, end.signal)
  process.exitCode = end.code ?? 1
} catch (error) {
  if (!(error instanceof LaunchError)) throw error
  say(error.message)
  if (error.hint) say(`→ ${error.hint}`)
  process.exitCode = error.exitCode
}
