import { bin, runCommand } from './command.ts'

const { code } = await runCommand(bin('biome'), ['format', '--write', ...process.argv.slice(2)], { show: true })
process.exitCode = code
