const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

/** Text as it may stand in HTML, in attributes too. */
export const escapeHtml = (text: string): string => text.replaceAll(/[&<>"']/g, (found) => ENTITIES[found] ?? '')

const STYLE =
  'body{font:16px/1.5 system-ui,sans-serif;max-width:24rem;margin:15vh auto;padding:0 1rem}h1{font-size:1.3rem}label{display:block;margin:.6rem 0}' +
  'input,button,a.button{font:inherit;padding:.5rem;width:100%;box-sizing:border-box}a.button{display:block;text-align:center;border:1px solid;margin:.6rem 0}.wrong{color:#a00}'

const page = (title: string, body: string): string =>
  `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escapeHtml(title)}</title><style>${STYLE}</style><h1>${escapeHtml(title)}</h1>${body}</html>`

const hidden = (fields: Readonly<Record<string, string>>): string =>
  Object.entries(fields)
    .map(([name, value]) => `<input type="hidden" name="${escapeHtml(name)}" value="${escapeHtml(value)}">`)
    .join('')

export interface LoginPage {
  readonly csrf: string
  /** Where to go after it: a path of this server. */
  readonly next: string
  readonly withPassword: boolean
  readonly withProvider: boolean
  readonly wrong?: string | undefined
}

export const loginPage = ({ csrf, next, withPassword, withProvider, wrong }: LoginPage): string => {
  const secret = withPassword ? 'Password or access token' : 'Access token'
  return page(
    'Log in to Davit',
    `${wrong === undefined ? '' : `<p class="wrong" role="alert">${escapeHtml(wrong)}</p>`}
${withProvider ? `<a class="button" href="/auth/login/provider?next=${escapeHtml(encodeURIComponent(next))}">Log in with your organisation</a>` : ''}
<form method="post" action="/auth/login">${hidden({ csrf, next })}
<label>User <input name="user" autocomplete="username" required></label>
<label>${secret} <input name="password" type="password" autocomplete="current-password" required></label>
<button>Log in</button></form>`,
  )
}

/** Asks whether a program on the person's machine may act for them. */
export const consentPage = ({
  user,
  where,
  fields,
}: {
  readonly user: string
  readonly where: string
  readonly fields: Readonly<Record<string, string>>
}): string =>
  page(
    'Let a program act for you?',
    `<p>A program on <strong>${escapeHtml(where)}</strong> wants to use Davit as <strong>${escapeHtml(user)}</strong>, with all that you may do.</p>
<p>Go on only if you have just started this yourself, for example with <code>davit login</code>.</p>
<form method="post" action="/auth/authorize">${hidden(fields)}<button>Allow</button></form>`,
  )

export const messagePage = (title: string, text: string): string => page(title, `<p>${escapeHtml(text)}</p>`)
