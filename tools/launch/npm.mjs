import { spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { LaunchError, root, say } from './ground.mjs'

const PROGRESS_MS = 5_000

/** What npm's log tells → what a user should know. First match wins. */
const CAUSES = [
  [
    /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ENETUNREACH|EHOSTUNREACH|ETIMEDOUT|ERR_SOCKET_TIMEOUT|UND_ERR\w*)\b/,
    'the package registry cannot be reached',
    'check the network, the proxy and `npm config get registry`, then start this again',
  ],
  [/\bE(401|403|407)\b/, 'the package registry refuses us', 'check the credentials in ~/.npmrc and the proxy'],
  [/\b(E404|ETARGET|E5\d\d)\b/, 'the package registry does not give a locked package', 'try again later, or with another registry (`npm config get registry`)'],
  [/\bENOSPC\b/, 'the disk is full', 'make room (about 1 GB), then start this again'],
  [/\b(EACCES|EPERM|EROFS)\b/, 'this folder cannot be written', 'check who owns it'],
  [/\bEUSAGE\b/, 'package-lock.json and package.json do not agree', 'run `npm install`, and commit the lockfile'],
  [/\bEINTEGRITY\b/, 'a downloaded package is not what the lockfile names', 'run `npm cache verify`, then start this again'],
]

/** Pure: npm's log → the error for the user. */
export const causeOf = (log, code) => {
  const [, message, hint] = CAUSES.find(([pattern]) => pattern.test(log)) ?? [undefined, `npm ci failed with exit code ${code}`, undefined]
  const told = log.split('\n').filter((line) => /^npm (error|ERR!)/.test(line))
  return new LaunchError([`could not install the dependencies: ${message}`, ...told.slice(0, 5)].join('\n'), hint)
}

/** Under `npm run` the npm that started us, on its own Node (which is not in the folder that npm ci empties); else the one on the PATH. */
const npmCommand = ({ npm_execpath: script, npm_node_execpath: node } = process.env) => (script?.endsWith('.js') ? [node ?? process.execPath, script] : ['npm'])

/** `npm ci` with its output in `log`, a line of progress now and then, and the cause when it fails. */
export const npmCi = async (log) => {
  const [command, ...before] = npmCommand()
  const output = openSync(log, 'w')
  const startedAt = performance.now()
  const ticking = setInterval(() => say(`  still installing, ${Math.round((performance.now() - startedAt) / 1000)} s`), PROGRESS_MS)
  try {
    const code = await new Promise((resolve, reject) => {
      const child = spawn(command, [...before, 'ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: root, stdio: ['ignore', output, output] })
      child.once('error', reject)
      child.once('exit', (exitCode, signal) => resolve(exitCode ?? signal))
    })
    if (code !== 0) throw causeOf(readFileSync(log, 'utf8'), code)
  } catch (error) {
    if (error.code === 'ENOENT')
      throw new LaunchError('npm is missing, and the dependencies are not installed', 'install npm (it comes with Node.js), then start this again')
    throw error
  } finally {
    clearInterval(ticking)
    closeSync(output)
  }
}
