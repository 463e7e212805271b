#!/usr/bin/env node
// Understood by every Node, however old: it decides which one runs the program.
'use strict'

const path = require('path')
const fs = require('fs')

const manifest = require('./package.json')
const EX_CONFIG = 78
const NEEDED = [22, 19]
/** For the command that lives long, in MB: V8 else lets its young objects take more than 100 MB before it looks which of them are still wanted. */
const SERVER_FLAGS = ['--max-semi-space-size=8']

const fail = function (message, hint) {
  process.stderr.write('error: ' + message + '\nhint:  ' + hint + '\n')
  process.exit(EX_CONFIG)
}

const newEnough = function () {
  const parts = process.versions.node.split('.').map(Number)
  return parts[0] > NEEDED[0] || (parts[0] === NEEDED[0] && parts[1] >= NEEDED[1])
}

const SIGNALS = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 }

/** Runs this very command line on another Node; its exit code and signals are ours. */
const runOn = function (node, args) {
  const child = require('child_process').spawn(node, args.concat(process.argv.slice(2)), { stdio: 'inherit' })
  const onTerminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY
  Object.keys(SIGNALS).forEach(function (signal) {
    process.on(signal, function () {
      // A terminal gives Ctrl-C to both of us: passed on, it would count twice.
      if (signal !== 'SIGINT' || !onTerminal) child.kill(signal)
    })
  })
  child.on('error', function (error) {
    fail('cannot start ' + node + ': ' + error.message, 'install Node ' + NEEDED.join('.') + ' or later')
  })
  child.on('exit', function (code, signal) {
    process.exit(signal === null ? code : 128 + (SIGNALS[signal] || require('os').constants.signals[signal] || 0))
  })
}

/** Runs this command line on this Node with more flags than it has, which come after ours: in this very process, where the system can do that. */
const runAgain = function (args) {
  const all = args.slice(0, -1).concat(process.execArgv, args.slice(-1))
  if (process.platform === 'win32' || process.execve === undefined) return runOn(process.execPath, all)
  process.execve(process.execPath, [process.execPath].concat(all, process.argv.slice(2)), process.env)
}

/** The Node that the optional package `node-<platform>-<arch>` brings. */
const bundledNode = function () {
  try {
    const folder = path.dirname(require.resolve('node-' + process.platform + '-' + process.arch + '/package.json', { paths: [__dirname] }))
    const node = path.join(folder, 'bin', process.platform === 'win32' ? 'node.exe' : 'node')
    return fs.existsSync(node) ? node : undefined
  } catch {
    return undefined
  }
}

/** What to run: the bundle, or in the repository before `npm run build` the sources, whose types Node strips itself. */
const program = function () {
  const bundle = path.join(__dirname, 'dist', 'davit.js')
  const source = path.join(__dirname, 'src', 'main.ts')
  if (fs.existsSync(bundle)) return [bundle]
  return fs.existsSync(source) ? ['--conditions=@davit/source', source] : undefined
}

const start = function () {
  const words = process.argv.slice(2)
  if (words.length === 1 && (words[0] === '--version' || words[0] === '-V')) {
    process.stdout.write(manifest.version + '\n')
    return
  }
  const found = program()
  if (found === undefined) fail('davit was not built', 'npm run build')
  const args = words[0] === 'server' ? SERVER_FLAGS.concat(found) : found
  if (newEnough()) {
    if (args.length > 1) runAgain(args)
    else void import('./dist/davit.js')
    return
  }
  const node = bundledNode()
  if (node === undefined)
    fail(
      'davit needs Node ' + NEEDED.join('.') + ' or later; this is ' + process.versions.node,
      'install a newer Node, or the package node-' + process.platform + '-' + process.arch,
    )
  runOn(node, args)
}

start()
