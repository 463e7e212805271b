const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

export type EndReason = (typeof SIGNALS)[number] | 'launcher gone'

/** Exit code by which shells name an end by a signal. */
export const EXIT_CODE_OF = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129, 'launcher gone': 143 } as const satisfies Record<EndReason, number>

/**
 * Aborts when the user asks a tool to end, or when the launcher that started it has died (the IPC channel between them closes, even
 * after SIGKILL). `signal.reason` is an EndReason. `close` gives the signals their default meaning back.
 */
export const lifeline = (): { readonly signal: AbortSignal; close(): void } => {
  const controller = new AbortController()
  const onSignal = (reason: EndReason) => controller.abort(reason)
  const onDisconnect = () => controller.abort('launcher gone' satisfies EndReason)
  for (const name of SIGNALS) process.on(name, onSignal)
  process.once('disconnect', onDisconnect)
  process.channel?.unref()
  return {
    signal: controller.signal,
    close: () => {
      for (const name of SIGNALS) process.off(name, onSignal)
      process.off('disconnect', onDisconnect)
    },
  }
}
