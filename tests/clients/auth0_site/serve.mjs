// An application's own server over TLS: what it is told comes in as JSON, by its first argument.
import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'

export const told = JSON.parse(process.argv[2])

/** Answer at the address that was told. */
export function serve(answer) {
  const { cert, key, url } = told
  createServer({ cert: readFileSync(cert), key: readFileSync(key) }, answer).listen(new URL(url).port, '127.0.0.1')
}

/** What went wrong, as JSON. */
export const wrong = ({ name, code, message, error, error_description: text, cause }) =>
  ({ wrong: { name, code, message, error: error ?? cause?.code ?? cause?.error, text } })
