/** Loaded before a server (`--import`): its clock differs from the machine's by TEST_CLOCK_SHIFT_MS. */
const shift = Number(process.env['TEST_CLOCK_SHIFT_MS'] ?? 0)
const Real = globalThis.Date
const now = (): number => Real.now() + shift

globalThis.Date = new Proxy(Real, {
  construct: (target, args: unknown[], made) => Reflect.construct(target, args.length === 0 ? [now()] : args, made),
  apply: () => new Real(now()).toString(),
  get: (target, name, self) => (name === 'now' ? now : Reflect.get(target, name, self)),
})
