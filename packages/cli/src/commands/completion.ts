import { localCommand, required } from '#runner/command.ts'
import { invalid } from '#runner/invalid.ts'

const SHELLS = ['bash', 'zsh', 'fish', 'powershell'] as const

export const completion = localCommand({
  name: 'completion',
  group: 'server',
  summary: 'Print the script by which a shell completes commands, flags and names',
  args: { shell: required(`One of ${SHELLS.join(', ')}`, SHELLS) },
  examples: [
    'source <(davit completion bash)',
    'davit completion zsh > ~/.davit-completion.zsh   # then source it in ~/.zshrc',
    'davit completion fish > ~/.config/fish/completions/davit.fish',
    'export DAVIT_COMPLETION_MS=3000   # wait longer than a second for names from a server that is far away',
  ],
  run: async ({ input }) => {
    const shell = SHELLS.find((name) => name === input.shell)
    if (!shell) throw invalid(`no completion for "${input.shell}"`, { hint: `known: ${SHELLS.join(', ')}` })
    const { script } = await import('@bomb.sh/tab')
    script(shell, 'davit', 'davit')
  },
})
